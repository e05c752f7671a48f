"""Figures of swaps: what share of another run's effect its residuals carry, by layer and by tokens."""
