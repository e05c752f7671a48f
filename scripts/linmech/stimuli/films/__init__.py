"""Videos that are files: read and written (PyAV), in MVBench's layout, and where they come from."""
