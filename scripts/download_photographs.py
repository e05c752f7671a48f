"""Download the photographs of COCO-Spatial, their annotations and questions, and list them with their hashes."""

from collections.abc import Mapping
from pathlib import Path

from linmech.job import run_job
from linmech.objects.index import write_table
from linmech.stimuli.photographs.downloads import Download, download


def main(output: str | Path, settings: Mapping) -> None:
    """Write `output`, the files of the data set (file, sha256, source); `settings` are the fields of `Download`."""
    settings = dict(settings) | {"folder": Path(settings["folder"]).expanduser()}
    found = download(Download(**settings))
    write_table(found, output)
    print(f"{settings['folder']}: {len(found)} files are there and as they were at the first download")


if __name__ == "__main__":
    run_job(lambda: main(snakemake.output[0], snakemake.params.settings), log=snakemake.log[0])
