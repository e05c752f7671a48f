"""Figures of time: temporal IDs, what they do, and how they lie to the axes of space (Figs 10, A13, A17)."""
