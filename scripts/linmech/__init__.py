"""linmech: how vision-language models bind spatial and temporal IDs to words. Tensors and images, never Snakemake."""

import gc
import sys

if hasattr(
    sys.modules.get("__main__"), "snakemake"
):  # a job's script: until `linmech.job.run_job` it only imports, and
    gc.disable()  # the collector would look a hundred times for garbage among what stays, a fifth of that time
