"""One file per architecture of an organism."""
