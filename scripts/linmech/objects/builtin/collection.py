"""Everyday objects built in code (CC0): a default set of meshes that needs no download.

`BUILTIN` maps each noun to the function that builds it. Nouns end in different words, so that a question that names
the last word of one cannot mean another.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import trimesh

from linmech.errors import LinmechError
from linmech.files import atomic, sha256
from linmech.objects.builtin import indoors, nature, outdoors, toys
from linmech.objects.builtin.names import INDOORS, NATURE, OUTDOORS, TOYS

LICENCE = "CC0-1.0"
SOURCE = "linmech built-in"
BUILTIN: dict[str, Callable[[], trimesh.Trimesh]] = {
    name.replace("_", " "): getattr(room, name)
    for room, names in ((nature, NATURE), (toys, TOYS), (indoors, INDOORS), (outdoors, OUTDOORS))
    for name in names.split()
}


def build(noun: str) -> trimesh.Trimesh:
    """The mesh of a built-in object: y up, front along +z, vertex colours in linear light.

    Raises LinmechError for a noun that is not built in.
    """
    if noun not in BUILTIN:
        raise LinmechError(f"no built-in object is called {noun!r}; choose from: {', '.join(sorted(BUILTIN))}")
    return BUILTIN[noun]()


def main_colour(mesh: trimesh.Trimesh) -> str:
    """The colour "#rrggbb" (sRGB) that covers most of a mesh's surface."""
    colours, member = np.unique(mesh.visual.vertex_colors[mesh.faces[:, 0], :3], axis=0, return_inverse=True)
    light = colours[np.argmax(np.bincount(member.ravel(), weights=mesh.area_faces))] / 255
    srgb = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return "#" + bytes(np.rint(srgb * 255).astype(np.uint8)).hex()


def write_meshes(folder: str | Path, nouns: list[str] | None = None) -> pd.DataFrame:
    """Write one GLB file per built-in object (or per noun given) into `folder`; the bytes are the same each time.

    Returns the rows of the index: noun, file (as `folder` joined with the name), colour, licence, source, sha256.
    """
    folder = Path(folder)
    rows = []
    for noun in sorted(BUILTIN) if nouns is None else nouns:
        mesh = build(noun)
        file = folder / f"{noun.replace(' ', '_')}.glb"
        with atomic(file) as partial:
            partial.write_bytes(mesh.export(file_type="glb", include_normals=True))
        rows.append((noun, str(file), main_colour(mesh), LICENCE, SOURCE, sha256(file)))
    return pd.DataFrame(rows, columns=["noun", "file", "colour", "licence", "source", "sha256"])
