"""Perspective 3D scenes: meshes on a ground plane, true boxes and true depth, photo-like surroundings (method 1.6)."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import trimesh
from jaxtyping import Int, UInt8
from PIL import Image

from linmech.backgrounds import background
from linmech.coco import Annotation, caption
from linmech.errors import LinmechError
from linmech.files import atomic
from linmech.ground import Camera, Placed
from linmech.rendering import Renderer
from linmech.seeds import integer, rng

LEAST_SEEN = 0.006  # share of the image that an object must show
DRAWS, MOST_DRAWS = 40, 2000
LEFT_RIGHT_GAP, DEPTH_GAP = 0.15, 0.7  # share of the side; metres


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


def write_scenes(
    stage: Stage, pairs: Sequence[tuple[str, str]], items: int, seed: int, folder: str | Path, progress
) -> None:
    """Write `items` scenes in COCO's own format: val2017/*.jpg, annotations/instances_scenes.json, two question files.

    Every scene has a left/right caption, where the centres are clearly apart, and a front/behind caption, where the
    depths are; scenes that offer neither are drawn again. Items depend on `seed` and their number alone.
    """
    folder = Path(folder)
    (folder / "val2017").mkdir(parents=True)
    (folder / "annotations").mkdir()
    extra = sorted(stage.meshes)
    images, annotations, sideways, deep = [], [], [], []
    categories = {noun: number + 1 for number, noun in enumerate(extra)}
    for number in progress(range(1, items + 1)):
        scene = _captioned(stage, pairs[(number - 1) % len(pairs)], extra, rng(seed, "scenes", number))
        name = f"{number:012d}.jpg"
        Image.fromarray(scene.image).save(folder / "val2017" / name, quality=95)
        images.append({"id": number, "file_name": name, "width": stage.size_px, "height": stage.size_px})
        for a in scene.annotations:
            annotations.append({
                "id": len(annotations) + 1, "image_id": number, "category_id": categories[a.noun], "iscrowd": 0,
                "bbox": list(a.box), "area": a.box[2] * a.box[3], "depth": round(a.depth, 3),
            })  # fmt: skip
        for wanted, questions in ((_side(scene, stage.size_px), sideways), (_depth(scene), deep)):
            if wanted:
                a, b = (annotation.noun for annotation in scene.annotations[:2])
                questions.append([number, caption(a, wanted[0], b), caption(a, wanted[1], b)])
    listed = [{"id": number, "name": noun, "supercategory": "object"} for noun, number in categories.items()]
    document = {"images": images, "annotations": annotations, "categories": listed}
    for path, content in (
        ("annotations/instances_scenes.json", document),
        ("coco_qa_two_obj.json", sideways),
        ("coco_qa_depth.json", deep),
    ):
        with atomic(folder / path) as partial:
            partial.write_text(json.dumps(content))


def _captioned(stage: Stage, pair: tuple[str, str], nouns: Sequence[str], draw: np.random.Generator) -> Scene:
    """A scene of the pair (and perhaps a bystander) that has at least one captioned relation."""
    others = [noun for noun in nouns if noun not in pair]
    while True:
        chosen = [*pair, *(str(n) for n in draw.permutation(others)[: int(draw.integers(0, 2))])]
        scene = stage.scene(chosen, draw)
        if _side(scene, stage.size_px) or _depth(scene):
            return scene


def _side(scene: Scene, side: int) -> tuple[str, str] | None:
    gap = scene.annotations[0].centre[0] - scene.annotations[1].centre[0]
    words = ("to the left of", "to the right of")
    return None if abs(gap) < LEFT_RIGHT_GAP * side else words if gap < 0 else words[::-1]


def _depth(scene: Scene) -> tuple[str, str] | None:
    gap = scene.annotations[0].depth - scene.annotations[1].depth
    words = ("in front of", "behind")
    return None if abs(gap) < DEPTH_GAP else words if gap < 0 else words[::-1]


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
