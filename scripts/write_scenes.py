"""Render the 3D scenes into COCO's own layout, then read that layout back into a manifest and questions."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tqdm import tqdm

from linmech.errors import LinmechError
from linmech.files import atomic
from linmech.job import run_job
from linmech.objects.index import read_index
from linmech.objects.meshes import load_mesh
from linmech.stimuli.coco import read_coco
from linmech.stimuli.layouts.stimulus import as_many_pairs
from linmech.stimuli.scenes import write_scenes
from linmech.stimuli.stage import Stage
from linmech.stimuli.tables import save_dataset


def main(
    index: str, folder: str | Path, items: int, asks: Sequence[str], side: int, seed: int, rho: float | None = None
) -> None:
    """Write `items` scenes of `side` pixels into `folder`, all of it or nothing; the folder's name is the data set's.

    With `rho` things stand at heights that are untied from their depths (`Stage.scene`).
    Leaves val2017/*.jpg, annotations/instances_scenes.json, coco_qa_two_obj.json, coco_qa_depth.json (front/behind),
    manifest.parquet and questions.parquet: any reader of COCO-Spatial runs on it.
    """
    meshes = {row.noun: load_mesh(row.file, row.colour, row.up) for row in read_index(index).itertuples()}
    pairs = as_many_pairs(sorted(meshes), items, seed)
    with atomic(folder) as unfinished:
        unfinished.mkdir(parents=True)
        progress, name = partial(tqdm, desc="scenes", mininterval=5), Path(folder).name
        write_scenes(Stage(meshes, side), pairs, items, seed, unfinished, progress, asks=asks, name=name, rho=rho)
        manifest, questions, refused = read_coco(unfinished)
        if len(refused):
            raise LinmechError(f"{folder}: {len(refused)} of its own items cannot be read: {refused.reason[0]}")
        save_dataset(unfinished, manifest, questions)


if __name__ == "__main__":
    params = snakemake.params
    run_job(
        lambda: main(
            snakemake.input.index, Path(snakemake.output.manifest).parent, **params.settings, seed=params.seed
        ),
        log=snakemake.log[0],
    )
