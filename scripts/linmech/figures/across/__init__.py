"""Figures of effects across: what one axis does to the answers of another, and one word's IDs at other words."""
