"""Data sets that are files: their items, those that are refused, and what is downloaded once."""
