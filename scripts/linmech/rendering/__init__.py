"""Meshes to pictures with alpha, off screen."""
