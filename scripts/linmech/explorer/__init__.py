"""One self-contained page on which people choose a model, a layer and an experiment, and see what the figures show."""
