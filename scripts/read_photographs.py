"""Read photographs in COCO-Spatial's layout into a manifest and questions."""

from pathlib import Path

from linmech.files import atomic, home
from linmech.job import run_job
from linmech.stimuli.coco import read_coco
from linmech.stimuli.tables import save_dataset


def main(source: str | Path, folder: str | Path) -> None:
    """Write the tables of the photographs in `source` into `folder`, and refused.tsv: the items that cannot be used."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    manifest, questions, refused = read_coco(home(source), beside=folder)
    with atomic(Path(folder) / "refused.tsv") as partial:
        refused.to_csv(partial, sep="\t", index=False)
    save_dataset(folder, manifest, questions)
    print(f"{source}: {len(questions)} items on {len(manifest)} images are used, {len(refused)} refused (refused.tsv)")


if __name__ == "__main__":
    run_job(lambda: main(snakemake.params.source, Path(snakemake.output.manifest).parent), log=snakemake.log[0])
