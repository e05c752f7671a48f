"""The configuration, read and checked before anything else runs."""
