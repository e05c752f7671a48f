"""Photographs from the network: what a folder in COCO-Spatial's layout holds, and where it comes from."""
