"""Figures about which part of a model fails."""
