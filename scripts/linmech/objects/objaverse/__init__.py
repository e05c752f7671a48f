"""Objaverse 1.0: its catalogue, and the meshes that a lock file vouches for."""
