"""Numbers with intervals that respect images; what is chosen on some data is measured on other data."""
