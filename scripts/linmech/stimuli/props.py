"""What holds an object in the air: a block as wide as it, or a board on a post, from the ground to its underside."""

import functools

import numpy as np
import trimesh
from jaxtyping import Float
from trimesh.transformations import rotation_matrix

from linmech.objects.builtin.shapes import box
from linmech.stimuli.bodies import ROOM, Spot

COLOURS = ("#8d877c", "#73797e", "#a59b8b", "#7d7068", "#8b958c")  # muted, so that no question is about them
BOARD, POST = 0.05, 0.09  # metres: thickness of the board, width of the post

Part = tuple[trimesh.Trimesh, Float[np.ndarray, "4 4"]]


def props(spot: Spot, extents: Float[np.ndarray, " xyz=3"]) -> list[Part]:
    """The meshes under an object with these extents (any unit), and where they are (model to world); [] where nothing.

    A prop's colour depends on where it stands.
    """
    if not spot.prop:
        return []
    wide, _, long = ROOM * spot.size * extents / extents.max()
    mesh = _block(COLOURS[int(1000 * abs(spot.x)) % len(COLOURS)])
    if spot.prop == "block" or spot.lift < 3 * BOARD:
        return [(mesh, _pose(spot, 0, (wide, spot.lift, long)))]
    foot = min(POST, wide, long)
    board = (mesh, _pose(spot, spot.lift - BOARD, (wide, BOARD, long)))
    return [board, (mesh, _pose(spot, 0, (foot, spot.lift - BOARD, foot)))]


@functools.cache
def _block(colour: str) -> trimesh.Trimesh:
    """A cube of 1 m on the ground."""
    return box((1, 1, 1), (0, 0.5, 0), colour)


def _pose(spot: Spot, base: float | int, size: tuple[float, float, float]) -> Float[np.ndarray, "4 4"]:
    """Where a cube is, stretched to `size` (x, y, z) and `base` metres above the ground."""
    pose = rotation_matrix(np.radians(spot.yaw), [0, 1, 0]) @ np.diag([*size, 1])
    pose[:3, 3] = spot.x, base, spot.z
    return pose
