"""The cache of residual streams."""
