"""Small models that we train."""
