"""linmech: how vision-language models bind spatial and temporal IDs to words. Tensors and images, never Snakemake."""
