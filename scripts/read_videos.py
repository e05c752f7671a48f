"""Read videos in MVBench's layout into a manifest and questions."""

from pathlib import Path

from linmech.files import home
from linmech.job import run_job
from linmech.stimuli.filed.entries import save_filed
from linmech.stimuli.films.mvbench import read_mvbench


def main(source: str | Path, folder: str | Path, frames: int = 8) -> None:
    """Write the tables of the videos in `source` into `folder`, and refused.tsv: the items that cannot be used."""
    save_filed(folder, read_mvbench(home(source), beside=folder, frames=frames), source)


if __name__ == "__main__":
    run_job(
        lambda: main(snakemake.params.source, Path(snakemake.output.manifest).parent, snakemake.params.frames),
        log=snakemake.log[0],
    )
