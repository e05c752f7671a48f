"""Where objects stand: one file per layout."""
