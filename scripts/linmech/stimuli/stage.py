"""Perspective 3D scenes: meshes on a ground plane in photo-like surroundings, with boxes and depth (method 1.6)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import trimesh
from jaxtyping import Int, UInt8

from linmech.errors import LinmechError
from linmech.rendering.ground import Camera, Placed
from linmech.rendering.renderer import Renderer
from linmech.seeds import integer
from linmech.stimuli.backgrounds import background
from linmech.stimuli.coco import Annotation

LEAST_SEEN = 0.006  # share of the image that an object must show
DRAWS, MOST_DRAWS = 40, 2000


@dataclass(frozen=True)
class Scene:
    """An image, its instances in order, and which instance is seen at each pixel (−1 = none)."""

    image: UInt8[np.ndarray, "height width rgb=3"]
    annotations: list[Annotation]
    labels: Int[np.ndarray, "height width"]


class Stage:
    """Renders scenes with the meshes of the nouns. One renderer, so one stage per process."""

    def __init__(self, meshes: Mapping[str, trimesh.Trimesh | trimesh.Scene], size_px: int):
        self.meshes, self.size_px, self.renderer = meshes, size_px, Renderer(size_px)

    def scene(self, nouns: Sequence[str], draw: np.random.Generator) -> Scene:
        """A scene with one instance of each noun, all inside the picture and well visible.

        Layouts are drawn until that holds; thin objects may never be that large, so after `DRAWS` of them the one that
        shows most of its smallest object is taken. Raises LinmechError where no layout shows all objects.
        """
        best, most = None, 0.0
        for number in range(MOST_DRAWS):
            camera = Camera(
                height=draw.uniform(1.4, 2.1),
                z=draw.uniform(3.4, 4.2),
                pitch=draw.uniform(-21, -13),
                fov=draw.uniform(42, 52),
            )
            objects = [
                Placed(self.meshes[noun], *place) for noun, place in zip(nouns, _stand(len(nouns), draw), strict=True)
            ]
            rendered = self.renderer.render_scene(objects, camera)
            least = float(rendered[1].mean((1, 2)).min())
            if least > most and not _touches_border(rendered[1]).any():
                best, most = (camera, *rendered), least
            if most >= LEAST_SEEN or (best and number >= DRAWS):
                break
        if best is None:
            raise LinmechError(
                f"scenes: no layout shows {', '.join(nouns)} whole; leave one of them out of objects.nouns"
            )
        camera, rgba, masks, depths = best
        horizon = 0.5 - np.tan(np.radians(-camera.pitch)) / (2 * np.tan(np.radians(camera.fov / 2)))
        pixels = _behind(rgba, horizon, integer(int(draw.integers(2**62)), "surroundings"))
        labels = np.where(masks.any(0), masks.argmax(0), -1)
        found = [
            Annotation(noun, _box(mask), float(depth)) for noun, mask, depth in zip(nouns, masks, depths, strict=True)
        ]
        return Scene(pixels, found, labels)


def stage_source(stage: Stage) -> Callable[[Sequence[str], np.random.Generator], tuple[np.ndarray, list, np.ndarray]]:
    """The stage as the organisms' training takes it: nouns and a generator → (image, placements, labels)."""

    def source(nouns: Sequence[str], draw: np.random.Generator):
        scene = stage.scene(nouns, draw)
        return scene.image, [annotation.placement for annotation in scene.annotations], scene.labels

    return source


def _stand(count: int, draw: np.random.Generator) -> list[tuple[float, float, float, float]]:
    """(x, z, yaw, height) of objects that keep their distance; metres and degrees, z towards the viewer."""
    while True:
        places = np.stack([draw.uniform(-1.5, 1.5, count), draw.uniform(-2.6, 0.4, count)], 1)
        gaps = np.linalg.norm(places[:, None] - places[None], axis=-1)[np.triu_indices(count, 1)]
        if (gaps > 0.8).all():
            return [(float(x), float(z), draw.uniform(-60, 60), draw.uniform(0.75, 1.05)) for x, z in places]


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
