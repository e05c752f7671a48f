"""Data sets of perspective scenes, written in COCO's own format with true boxes and true depth (method 1.6)."""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from linmech.files import atomic
from linmech.questions.relations import truth
from linmech.seeds import rng
from linmech.stimuli.coco import QUESTION_FILES, caption
from linmech.stimuli.stage import Scene, Stage
from linmech.stimuli.standing import DEPTH_GAP, GAP

ASKS = ("left-right", "front-behind")


def write_scenes(
    stage: Stage, pairs: Sequence[tuple[str, str]], items: int, seed: int, folder: str | Path,
    progress: Callable[[Iterable], Iterable], *, asks: Sequence[str] = ASKS, name: str = "scenes",
    rho: float | int | None = None,
) -> None:  # fmt: skip
    """Write `items` scenes in COCO's own format: val2017/*.jpg, annotations/instances_scenes.json, two question files.

    Every scene has a caption for each relation of `asks` in which its first two things are clearly apart; scenes that
    offer none are drawn again. A scene depends on `seed`, `name`, `rho` and its number alone. `progress` wraps the
    numbers. `rho` unties height from depth (`Stage.scene`).
    """
    folder = Path(folder)
    (folder / "val2017").mkdir(parents=True)
    (folder / "annotations").mkdir()
    nouns = sorted(stage.meshes)
    images, annotations = [], []
    captions: dict[str, list] = {file: [] for file in QUESTION_FILES}
    categories = {noun: number + 1 for number, noun in enumerate(nouns)}
    for number in progress(range(1, items + 1)):
        scene, told = _captioned(stage, pairs[(number - 1) % len(pairs)], nouns, asks, rho, rng(seed, name, number))
        file = f"{number:012d}.jpg"
        Image.fromarray(scene.image).save(folder / "val2017" / file, quality=95)
        images.append({"id": number, "file_name": file, "width": stage.size_px, "height": stage.size_px})
        for a in scene.annotations:
            annotations.append({
                "id": len(annotations) + 1, "image_id": number, "category_id": categories[a.noun], "iscrowd": 0,
                "bbox": list(a.box), "area": a.box[2] * a.box[3], "depth": round(a.depth, 3),
            })  # fmt: skip
        a, b = (annotation.noun for annotation in scene.annotations[:2])
        for kind, answers in told.items():
            file = QUESTION_FILES[kind == "front-behind"]
            captions[file].append([number, *(caption(a, answer, b) for answer in answers)])
    listed = [{"id": number, "name": noun, "supercategory": "object"} for noun, number in categories.items()]
    document = {"images": images, "annotations": annotations, "categories": listed}
    for path, content in {"annotations/instances_scenes.json": document, **captions}.items():
        with atomic(folder / path) as partial:
            partial.write_text(json.dumps(content))


def _captioned(
    stage: Stage,
    pair: tuple[str, str],
    nouns: Sequence[str],
    asks: Sequence[str],
    rho: float | int | None,
    draw: np.random.Generator,
) -> tuple[Scene, dict[str, tuple[str, str]]]:
    """A scene of the pair (and perhaps a bystander) that has at least one relation, and its answers by kind."""
    others = [noun for noun in nouns if noun not in pair]
    while True:
        chosen = [*pair, *(str(n) for n in draw.permutation(others)[: int(draw.integers(0, 2))])]
        scene = stage.scene(chosen, draw, rho)
        clear = {kind: DEPTH_GAP if kind == "front-behind" else GAP * stage.size_px for kind in asks}
        told = {kind: truth(kind, scene.annotations[:2], stage.size_px, gap) for kind, gap in clear.items()}
        if any(told.values()):
            return scene, {kind: answers for kind, answers in told.items() if answers}
