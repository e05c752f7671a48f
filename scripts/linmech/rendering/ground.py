"""The stage of a scene: the camera, how an object stands on or above the plane y = 0, and the plane's own look."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import trimesh
from jaxtyping import Float, UInt8
from trimesh.transformations import rotation_matrix

SHADOW_DARKNESS = 0.55
SHADOW_MARGIN = 0.06  # of the object's size, beyond its footprint
SHADOW_REACH = 2.2  # in radii of the ellipse; nothing is left of the blob there
HORIZON_FADE = 0.06  # metres down per metre ahead at which the plane is fully there


@dataclass(frozen=True)
class Camera:
    """A camera `height` metres above the ground at (x, z) that looks along -z.

    `pitch` tilts it (degrees, below 0 = down); `fov` is the field of view (degrees) of the square picture.
    """

    height: float | int = 1.5
    pitch: float | int = -18.0
    fov: float | int = 48.0
    x: float | int = 0.0
    z: float | int = 3.2

    def pose(self) -> Float[np.ndarray, "4 4"]:
        """Camera to world."""
        pose = rotation_matrix(np.radians(self.pitch), [1, 0, 0])
        pose[:3, 3] = self.x, self.height, self.z
        return pose

    def project(self, points: Float[np.ndarray, "*shape xyz=3"]) -> Float[np.ndarray, "*shape u_v_depth=3"]:
        """Where points of the world are seen: u from the left, v from the top (shares of the side), depth in metres."""
        pose = self.pose()
        x, y, z = np.moveaxis((points - pose[:3, 3]) @ pose[:3, :3], -1, 0)
        wide = 2 * np.tan(np.radians(self.fov / 2)) * -z
        return np.stack([0.5 + x / wide, 0.5 - y / wide, -z], axis=-1)

    def point(self, u: float | int, v: float | int, depth: float | int) -> Float[np.ndarray, " xyz=3"]:
        """The point of the world that is seen at (u, v) in that depth; the inverse of `project`."""
        wide, pose = 2 * np.tan(np.radians(self.fov / 2)) * depth, self.pose()
        return pose[:3, :3] @ [(u - 0.5) * wide, (0.5 - v) * wide, -depth] + pose[:3, 3]


class Placed(NamedTuple):
    """An object at (x, z), turned by `yaw` degrees, its longest side `size` metres, `lift` metres above the ground."""

    mesh: trimesh.Trimesh | trimesh.Scene
    x: float | int
    z: float | int
    yaw: float | int
    size: float | int
    lift: float | int = 0


def stand(item: Placed, centre: np.ndarray, extents: np.ndarray) -> Float[np.ndarray, "4 4"]:
    """Model to world for a mesh with this bounding box: the middle of its underside comes to (x, lift, z)."""
    pose = rotation_matrix(np.radians(item.yaw), [0, 1, 0])
    pose[:3, :3] *= item.size / extents.max()
    pose[:3, 3] = np.array([item.x, item.lift, item.z]) - pose[:3, :3] @ (centre - [0, extents[1] / 2, 0])
    return pose


def ground_layer(
    placed: Sequence[Placed],
    extents: Sequence[np.ndarray],
    camera: Camera,
    side: int,
    tint: Sequence[float | int] | None,
) -> Float[np.ndarray, "height width rgba=4"]:
    """The plane with a soft dark ellipse under each object, 0..255, colour premultiplied by opacity.

    `tint` is the plane's colour (sRGB 0..255) and opacity (0..1), which fades out at the horizon; None = shadows only.
    """
    across = np.tan(np.radians(camera.fov / 2)) * (2 * np.arange(side) + 1 - side) / side
    down, ahead = (-(np.stack([-across, -np.ones(side)], axis=-1) @ camera.pose()[axis, 1:3]) for axis in (1, 2))
    reach = camera.height / np.maximum(down, 1e-6)
    light = np.ones((side, side))
    for item, extent in zip(placed, extents, strict=True):
        radii = 0.5 * item.size / extent.max() * extent[[0, 2]] + SHADOW_MARGIN * item.size
        rows = np.flatnonzero(np.abs(camera.z - reach * ahead - item.z) < SHADOW_REACH * radii.max())
        east = camera.x + reach[rows, None] * across - item.x
        south = np.broadcast_to((camera.z - reach * ahead - item.z)[rows, None], east.shape)
        cos, sin = np.cos(np.radians(item.yaw)), np.sin(np.radians(item.yaw))
        square = ((cos * east - sin * south) / radii[0]) ** 2 + ((sin * east + cos * south) / radii[1]) ** 2
        light[rows] *= 1 - SHADOW_DARKNESS * np.exp(-1.5 * square**1.5)
    visible = np.clip(down / HORIZON_FADE, 0, 1)[:, None]
    *colour, opacity = (0, 0, 0, 0) if tint is None else tint
    alpha = 1 - (1 - opacity * visible) * (1 - (1 - light) * visible)
    return np.concatenate([np.array(colour) * (opacity * visible * light)[..., None], 255 * alpha[..., None]], axis=-1)


def over(
    top: UInt8[np.ndarray, "height width 4"], under: Float[np.ndarray, "height width 4"]
) -> UInt8[np.ndarray, "height width 4"]:
    """`top` over `under`, both with premultiplied colour."""
    return np.rint(np.clip(top + under * (1 - top[..., 3:] / 255), 0, 255)).astype(np.uint8)
