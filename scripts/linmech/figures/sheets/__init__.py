"""Sheets for people to look at: images with their questions, and objects with their names."""
