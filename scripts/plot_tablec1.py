"""Table C1 (the paper's Table 1): IDs read at nouns or at relation words, added at nouns or at relation words."""

from linmech.figures.across.tablec1 import EXPERIMENTS, plot
from linmech.job import run_job

if __name__ == "__main__":
    run_job(
        lambda: plot(
            {name: list(getattr(snakemake.input, name.replace("-", "_"))) for name in EXPERIMENTS},
            **{name: snakemake.output[name] for name in ("pdf", "png", "csv")},
            **{name: snakemake.params[name] for name in ("seed", "dpi")},
        ),
        log=snakemake.log[0],
    )
