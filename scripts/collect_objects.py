"""Collect the meshes of the run's objects, from whichever source, and write their index."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from linmech.job import run_job
from linmech.objects.index import write_table
from linmech.objects.sources import collect


def main(
    output: str | Path,
    source: str,
    nouns: Sequence[str] = (),
    folder: str | Path = "",
    objaverse: Mapping | None = None,
) -> None:
    """Write `output`, the index of the objects (columns noun, file, colour, licence, source, sha256; tab-separated).

    `source`: "builtin" (meshes are written to the folder `meshes` beside `output`), "folder" (your meshes in `folder`)
    or "objaverse" (downloads; `objaverse` holds the fields of linmech.objaverse_catalogue.Objaverse, the cache folder
    among them). `nouns`: the objects to use; empty means all that the source has. LinmechError for anything missing or
    wrong.
    """
    index = collect(source, nouns=nouns, folder=folder, meshes=Path(output).parent / "meshes", objaverse=objaverse)
    write_table(index, output)
    print(f"{output}: {len(index)} objects from {source}")


if __name__ == "__main__":
    snakemake = globals()["snakemake"]
    run_job(
        lambda: main(
            snakemake.output[0],
            snakemake.params.source,
            snakemake.params.nouns,
            snakemake.params.folder,
            snakemake.params.objaverse,
        ),
        log=snakemake.log[0],
    )
