"""Everyday objects that are built in code."""
