"""Table 4.3: what each arm gains over plain finetuning, run by run."""

from linmech.figures.finetuned.table43 import plot
from linmech.job import run_job

if __name__ == "__main__":
    run_job(
        lambda: plot(
            list(snakemake.input.tables),
            **{name: snakemake.output[name] for name in ("pdf", "png", "csv")},
            dpi=snakemake.params.dpi,
        ),
        log=snakemake.log[0],
    )
