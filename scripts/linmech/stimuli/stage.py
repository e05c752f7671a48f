"""Perspective 3D scenes: meshes on a ground plane in photo-like surroundings, with boxes and depth (method 1.6)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import trimesh
from jaxtyping import Bool, Int, UInt8

from linmech.errors import LinmechError
from linmech.rendering.ground import Camera, Placed
from linmech.rendering.renderer import Renderer
from linmech.seeds import integer
from linmech.stimuli.backgrounds import background
from linmech.stimuli.coco import Annotation
from linmech.stimuli.props import props
from linmech.stimuli.standing import Order, at_heights, on_the_ground

LEAST_SEEN = 0.006  # share of the image that an object must show
DRAWS, MOST_DRAWS = 40, 2000


@dataclass(frozen=True)
class Scene:
    """An image, its instances in order, and which instance is seen at each pixel (−1 = none)."""

    image: UInt8[np.ndarray, "height width rgb=3"]
    annotations: list[Annotation]
    labels: Int[np.ndarray, "height width"]


class _Shot(NamedTuple):
    """A layout as it is seen, and the share of the picture that its smallest object shows."""

    camera: Camera
    rgba: UInt8[np.ndarray, "height width rgba=4"]
    masks: Bool[np.ndarray, "object height width"]
    annotations: list[Annotation]
    least: float


class Stage:
    """Renders scenes with the meshes of the nouns. One renderer, so one stage per process."""

    def __init__(self, meshes: Mapping[str, trimesh.Trimesh | trimesh.Scene], size_px: int):
        self.meshes, self.size_px, self.renderer = meshes, size_px, Renderer(size_px)

    def scene(self, nouns: Sequence[str], draw: np.random.Generator, rho: float | int | None = None) -> Scene:
        """A scene with one instance of each noun, all inside the picture and well visible.

        All stand on the ground, or, with `rho`, at heights: with probability `rho` the lower of any two is the nearer
        one, else the farther one, and the first two are clearly apart in both (`standing`).
        Layouts are drawn until that holds; thin objects may never be that large, so after `DRAWS` of them the one that
        shows most of its smallest object is taken. Raises LinmechError where no layout shows all objects.
        """
        order = None if rho is None else Order.drawn(rho, draw)
        best = None
        for number in range(MOST_DRAWS):
            shot = self._shot(nouns, order, draw)
            if shot and (best is None or shot.least > best.least):
                best = shot
            if best and (best.least >= LEAST_SEEN or number >= DRAWS):
                break
        if best is None:
            raise LinmechError(
                f"scenes: no layout shows {', '.join(nouns)} whole; leave one of them out of objects.nouns"
            )
        camera = best.camera
        horizon = 0.5 - np.tan(np.radians(-camera.pitch)) / (2 * np.tan(np.radians(camera.fov / 2)))
        pixels = _behind(best.rgba, horizon, integer(int(draw.integers(2**62)), "surroundings"))
        labels = np.where(best.masks.any(0), best.masks.argmax(0), -1)
        return Scene(pixels, best.annotations, labels)

    def _shot(self, nouns: Sequence[str], order: Order | None, draw: np.random.Generator) -> _Shot | None:
        """One layout, or None where an object is not seen whole or, with an `order`, they do not keep it."""
        camera = Camera(
            height=draw.uniform(1.4, 2.1), z=draw.uniform(3.4, 4.2), pitch=draw.uniform(-21, -13),
            fov=draw.uniform(42, 52),
        )  # fmt: skip
        shapes = [self.renderer.extents(self.meshes[noun]) for noun in nouns]
        spots = at_heights(shapes, camera, order, draw) if order else on_the_ground(len(nouns), draw)
        if not spots:
            return None
        objects = [Placed(self.meshes[noun], *spot[:5]) for noun, spot in zip(nouns, spots, strict=True)]
        held = [part for spot, shape in zip(spots, shapes, strict=True) for part in props(spot, shape)]
        rgba, masks, depths = self.renderer.render_scene(objects, camera, props=held)
        least = float(masks.mean((1, 2)).min())
        if least == 0 or _touches_border(masks).any():
            return None
        seen = zip(nouns, map(_box, masks), map(float, depths), strict=True)
        found = [Annotation(*each) for each in seen]
        if order and not order.holds(found, self.size_px):
            return None
        return _Shot(camera, rgba, masks, found, least)


def stage_source(
    stage: Stage, rho: float | int | None = None
) -> Callable[[Sequence[str], np.random.Generator], tuple[np.ndarray, list, np.ndarray]]:
    """The stage as the organisms' training takes it: nouns and a generator → (image, placements, labels)."""

    def source(nouns: Sequence[str], draw: np.random.Generator):
        scene = stage.scene(nouns, draw, rho)
        return scene.image, [annotation.placement for annotation in scene.annotations], scene.labels

    return source


def _behind(rgba: np.ndarray, horizon: float, seed: int) -> np.ndarray:
    """Put sky and ground, two procedural textures that meet at the horizon, behind the rendered objects."""
    side = rgba.shape[0]
    sky, ground = background(seed, side).astype(np.float32), background(seed + 1, side).astype(np.float32)
    line = int(np.clip(horizon, 0.05, 0.95) * side)
    behind = np.where(np.arange(side)[:, None, None] < line, 0.5 * sky + 100, 0.8 * ground)
    alpha = rgba[..., 3:].astype(np.float32) / 255
    return (alpha * rgba[..., :3] + (1 - alpha) * behind).clip(0, 255).astype(np.uint8)


def _box(mask: np.ndarray) -> tuple[float, float, float, float]:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return (
        float(columns[0]), float(rows[0]), float(columns[-1] - columns[0] + 1), float(rows[-1] - rows[0] + 1),
    )  # fmt: skip


def _touches_border(masks: np.ndarray) -> np.ndarray:
    return masks[:, :, [0, -1]].any((1, 2)) | masks[:, [0, -1]].any((1, 2))
