"""Supplement to figure 6: the paper's steering (Alg. 2) in all its panels, beside controls that should do nothing."""

from linmech.figures.fig6_paper import plot
from linmech.job import run_job

if __name__ == "__main__":
    tables = ("layers", "left_right", "near_far", "in_between", "strengths")
    run_job(
        lambda: plot(
            **{name: list(getattr(snakemake.input, name)) for name in tables},
            **{name: snakemake.output[name] for name in ("pdf", "png", "csv")},
            **{name: snakemake.params[name] for name in ("seed", "dpi")},
        ),
        log=snakemake.log[0],
    )
