"""Meshes, where they come from, and the index of them."""
