"""Figures A18 to A20: IDs of parts of readings, beside each other."""
