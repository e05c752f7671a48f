"""Spatial and temporal IDs, and their axes."""
