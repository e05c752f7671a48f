"""Render the 3D scenes into COCO's own layout, then read that layout back into a manifest and questions."""

import json
from functools import partial
from pathlib import Path

from tqdm import tqdm

from linmech.files import atomic
from linmech.job import run_job
from linmech.objects.index import read_index
from linmech.objects.meshes import load_mesh
from linmech.stimuli.coco import read_coco
from linmech.stimuli.datasets import save_dataset
from linmech.stimuli.layouts.stimulus import ordered_pairs
from linmech.stimuli.scenes import write_scenes
from linmech.stimuli.stage import Stage


def main(index: str, folder: str, settings: dict, size_px: int, seed: int) -> None:
    """Write `settings["items"]` scenes of `size_px` pixels into `folder`, all of it or nothing.

    Leaves val2017/*.jpg, annotations/instances_scenes.json, coco_qa_two_obj.json (left/right), coco_qa_depth.json
    (front/behind), manifest.parquet and questions.parquet: any reader of COCO-Spatial runs on it.
    """
    table = read_index(index)
    meshes = {row.noun: load_mesh(row.file, row.colour, row.up) for row in table.itertuples()}
    most = len(meshes) * (len(meshes) - 1)
    pairs = ordered_pairs(sorted(meshes), min(settings["items"], most), seed)
    with atomic(folder) as unfinished:
        unfinished.mkdir(parents=True)
        progress = partial(tqdm, desc="scenes", mininterval=5)
        write_scenes(Stage(meshes, size_px), pairs, settings["items"], seed, unfinished, progress)
        save_dataset(unfinished, *read_coco(unfinished))


if __name__ == "__main__":
    snakemake = globals()["snakemake"]
    run_job(
        lambda: main(
            snakemake.input.index,
            str(Path(snakemake.output.manifest).parent),
            json.loads(snakemake.params.settings),
            snakemake.params.size_px,
            snakemake.params.seed,
        ),
        log=snakemake.log[0],
    )
