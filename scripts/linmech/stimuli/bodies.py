"""An object that looks for a place in a scene: how large it is seen there, and what it and what is below it would hide.

Lengths are in metres, angles in degrees, u and v in shares of the picture's side from its top left.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from linmech.rendering.ground import Camera

EDGE = 0.015  # kept free at the border of the picture, and between things
ROOM = 1.12  # how much wider than the object its prop is
PROPS = ("", "", "block", "post", "post")  # above the camera there is none: so about half of all hover
CORNERS = np.array(list(itertools.product((-1, 1), repeat=3)))


class Spot(NamedTuple):
    """Where an object stands, as `ground.Placed` has it, and what holds it where `lift` > 0: block, post or nothing."""

    x: float
    z: float
    yaw: float
    size: float
    lift: float = 0.0
    prop: str = ""


@dataclass(frozen=True)
class Body:
    """An object before it has a place; `half` its extents across, up and along the world's axes."""

    yaw: float
    size: float
    half: Float[np.ndarray, " xyz=3"]

    @classmethod
    def drawn(cls, shape: Float[np.ndarray, " xyz=3"], draw: np.random.Generator) -> "Body":
        """An object with these extents (any unit), turned and scaled at random."""
        yaw, size = float(draw.uniform(-60, 60)), float(draw.uniform(0.7, 1.0))
        x, y, z = shape * size / shape.max() / 2
        cos, sin = abs(np.cos(np.radians(yaw))), abs(np.sin(np.radians(yaw)))
        return cls(yaw, size, np.array([cos * x + sin * z, y, sin * x + cos * z]))

    def seen(self, camera: Camera, depth: float) -> tuple[float, float, float]:
        """About half its width and its height in the picture, and the v of its centre where it is on the ground."""
        across, up, along = self.half
        pitch, lens = np.radians(camera.pitch), 2 * np.tan(np.radians(camera.fov / 2))
        wide = lens * (depth - along)
        tall = (up * np.cos(pitch) - along * np.sin(pitch)) / wide
        ground = 0.5 + (camera.height + depth * np.sin(pitch) - up) / (lens * depth * np.cos(pitch))
        return float(across * ROOM / wide + EDGE), float(tall + EDGE), float(ground)

    def placed(self, camera: Camera, place: Sequence[float], stands: bool, draw: np.random.Generator) -> "Thing":
        """The object with its centre at a place (u, v, depth), on the ground or in the air; what holds it is drawn."""
        centre = camera.point(*place)
        lift = 0.0 if stands else float(centre[1] - self.half[1])
        prop = PROPS[int(draw.integers(len(PROPS)))] if 0.05 < lift < camera.height - 0.05 else ""
        spot = Spot(float(centre[0]), float(centre[2]), self.yaw, self.size, lift, prop)
        tall = lift / 2 if prop else 0.0
        below = np.array([centre[0], tall, centre[2]]), self.half * [ROOM, 0, ROOM] + [0, tall, 0]
        outlines = [_outline(camera, centre, self.half), *[_outline(camera, *below)] * (lift > 0)]
        return Thing(spot, *place[1:], outlines)


@dataclass(frozen=True)
class Thing:
    """An object in its place: the v and the depth of its centre.

    `outlines` are the parts of the picture (u0, v0, u1, v1) that it and, in the air, its prop or its shadow lie in.
    """

    spot: Spot
    v: float
    depth: float
    outlines: list[Float[np.ndarray, " edge=4"]]

    def is_free_of(self, others: Sequence["Thing"]) -> bool:
        """Whether neither it nor what is below it meets any of the others or what is below them."""
        return not any(
            (one[:2] < other[2:]).all() and (other[:2] < one[2:]).all()
            for each in others
            for one, other in itertools.product(self.outlines, each.outlines)
        )


def _outline(camera: Camera, centre: np.ndarray, half: np.ndarray) -> Float[np.ndarray, " edge=4"]:
    """The part of the picture that a box lies in."""
    seen = camera.project(CORNERS * half + centre)[:, :2]
    return np.concatenate([seen.min(0), seen.max(0)])
