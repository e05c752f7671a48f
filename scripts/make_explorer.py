"""The explorer: one page on which people look through what the figures show."""

from linmech.explorer.building import Sources, build
from linmech.explorer.tables import COLUMNS
from linmech.job import run_job

if __name__ == "__main__":
    asked = snakemake.input
    run_job(
        lambda: build(
            Sources(
                {name: asked[key] for name in COLUMNS if (key := name.replace("-", "_")) in asked.keys()},
                list(asked.ids),
                list(asked.diagnosed),
                list(asked.questions),
                asked.get("sprites", ""),
                list(snakemake.params.configs),
            ),
            snakemake.output.page,
        ),
        log=snakemake.log[0],
    )
