"""Data sets: tables of images and questions, and the visuals themselves."""
