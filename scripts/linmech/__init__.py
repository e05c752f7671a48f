"""linmech: how vision-language models bind spatial and temporal IDs to words. Tensors and images, never Snakemake."""

import gc
import sys

# A job's script only imports until `linmech.job.run_job`; the collector would look a hundred times for garbage among
# what stays, a fifth of that time.
if hasattr(sys.modules.get("__main__"), "snakemake"):
    gc.disable()
