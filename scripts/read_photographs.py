"""Read photographs in COCO-Spatial's layout into a manifest and questions."""

from pathlib import Path

from linmech.files import home
from linmech.job import run_job
from linmech.stimuli.coco import read_coco
from linmech.stimuli.filed.entries import save_filed


def main(source: str | Path, folder: str | Path) -> None:
    """Write the tables of the photographs in `source` into `folder`, and refused.tsv: the items that cannot be used."""
    save_filed(folder, read_coco(home(source), beside=folder), source)


if __name__ == "__main__":
    run_job(lambda: main(snakemake.params.source, Path(snakemake.output.manifest).parent), log=snakemake.log[0])
