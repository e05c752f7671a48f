"""Five ways to tell which part of a model fails, on the same items and at stated cost (experiments.md 4.4)."""
