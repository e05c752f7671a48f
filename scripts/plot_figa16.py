"""Figure A16: nouns moved along either axis of spatial IDs, asked about either direction, in the same scenes."""

from linmech.figures.across.figa16 import EXPERIMENTS, plot
from linmech.job import run_job

if __name__ == "__main__":
    run_job(
        lambda: plot(
            {name: list(getattr(snakemake.input, name.replace("-", "_"))) for name in EXPERIMENTS},
            list(snakemake.input.depths),
            **{name: snakemake.output[name] for name in ("pdf", "png", "csv")},
            **{name: snakemake.params[name] for name in ("seed", "dpi")},
        ),
        log=snakemake.log[0],
    )
