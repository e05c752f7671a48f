"""Render every object of the index from several sides into one archive of sprites."""

from pathlib import Path

import numpy as np
from tqdm import tqdm

from linmech.errors import LinmechError
from linmech.files import atomic
from linmech.job import run_job
from linmech.objects.index import read_index
from linmech.objects.meshes import load_mesh, uncoloured
from linmech.rendering.renderer import Renderer

YAW_RANGE = 60.0


def yaws(views: int) -> list[float]:
    """`views` angles spread evenly over [-60, 60] degrees; a single one looks straight at the front."""
    return [0.0] if views == 1 else [float(yaw) for yaw in np.linspace(-YAW_RANGE, YAW_RANGE, views)]


def main(index: str | Path, output: str | Path, size_px: int, views: int, elevation: float | int) -> None:
    """Render `views` yaw angles of each object in `index` (TSV) to `output` (npz, key "{noun}/{view}", uint8 RGBA).

    `size_px` is the long side of a sprite, `elevation` the camera's height in degrees above the horizon. Every object
    is tried; raises LinmechError that lists all that failed, after a line for each as it fails. Each that has no colour
    is told, too.
    """
    rows = read_index(index)
    sprites, failures = {}, []
    renderer = Renderer(size_px)
    for row in tqdm(rows.itertuples(), total=len(rows), desc="render", unit="object"):
        try:
            mesh = load_mesh(row.file, row.colour, row.up)
            if uncoloured(mesh):
                tqdm.write(f"{row.noun}: no colour in {row.file}, so it is grey; give one in the column colour")
            for view, yaw in enumerate(yaws(views)):
                sprites[f"{row.noun}/{view}"] = renderer.render_sprite(mesh, yaw, elevation)
        except LinmechError as error:
            tqdm.write(f"{row.noun}: {error}")
            failures.append(f"{row.noun} ({error})")
    if failures:
        raise LinmechError(f"{index}: {len(failures)} of {len(rows)} objects cannot be rendered: {'; '.join(failures)}")
    with atomic(output) as partial:
        np.savez_compressed(partial, **sprites)


if __name__ == "__main__":
    run_job(
        lambda: main(
            snakemake.input.index,
            snakemake.output.sprites,
            size_px=snakemake.params.size_px,
            views=snakemake.params.views,
            elevation=snakemake.params.elevation,
        ),
        log=snakemake.log[0],
    )
