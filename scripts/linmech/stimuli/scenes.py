"""Data sets of perspective scenes, written in COCO's own format with true boxes and true depth (method 1.6)."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from linmech.files import atomic
from linmech.seeds import rng
from linmech.stimuli.coco import caption
from linmech.stimuli.stage import Scene, Stage

LEFT_RIGHT_GAP, DEPTH_GAP = 0.15, 0.7  # share of the side; metres


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
