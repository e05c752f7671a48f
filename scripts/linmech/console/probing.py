"""One picture and two nouns: what a model answers, where it believes they are, and what would change its mind.

A noun's own place is what its residual says, less the noun's mean over the grid that the IDs were read from; of a noun
that was not there, less its residual in the same question about a blank picture (section 4.2).
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image, UnidentifiedImageError

from linmech.engine.interventions import Intervention
from linmech.engine.sweeps import sweep_encoded
from linmech.errors import LinmechError
from linmech.experiments.diagnosing import NOUNS, Settings, at_nouns, injection, margin
from linmech.ids.files import Ids
from linmech.ids.places import id_at, span
from linmech.models.encoding import encode, positions
from linmech.models.framing import unseen
from linmech.models.vlm import VLM
from linmech.questions.relations import AXES, truth
from linmech.statistics.verdicts import part_of
from linmech.stimuli.items import Box, Item, Thing, question
from linmech.stimuli.transforms import changed

COORDINATES = {"left-right": "column", "above-below": "row"}
POINTS = 25  # along each axis, at which a noun is looked for between the outermost cells
STEPS = (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0)  # cells by which the subject is moved


@dataclass(frozen=True)
class Layer:
    """What is read at a layer, by noun.

    places: (x, y), shares of the picture, the point whose ID (between cells: `id_at`) is nearest to what the noun
    holds, the middle where there are no IDs; maps: (row, column), the cosine of what it holds with each cell's ID;
    moved: the belief (nats) after its subject was moved by each of STEPS along the axis of the question.
    """

    layer: int
    places: dict[str, tuple[float, float]]
    maps: dict[str, list[list[float]]]
    moved: list[float]

    @property
    def reach(self) -> float:
        """How far the moved noun moves the belief, nats."""
        return max(self.moved) - min(self.moved)


@dataclass(frozen=True)
class Probe:
    """What one picture tells of a model. `shown`: the layer at which moving the subject moves the belief most.

    answer, truth ("" = not known), belief (log p(answer) - log p(other), nats), the probability of both; part: what a
    wrong answer speaks for (`verdicts`; "" where it is right, or truth is not known). `strange`: the nouns at which no
    IDs were read, whose places are counted from a blank picture. `unseen`: those whose centre (of `boxes`) the model's
    processor cuts off.
    """

    model: str
    nouns: tuple[str, str]
    question: str
    answer: str
    other: str
    belief: float
    mass: float
    truth: str
    part: str
    shown: int
    coordinate: str
    boxes: dict[str, Box]
    layers: list[Layer]
    strange: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()

    @property
    def at(self) -> Layer:
        """The layer that is shown."""
        return next(each for each in self.layers if each.layer == self.shown)


def open_photo(path: str | Path) -> Image.Image:
    """The photograph, as RGB. LinmechError for a file that is none."""
    try:
        with Image.open(path) as opened:
            return opened.convert("RGB")
    except (OSError, UnidentifiedImageError) as error:
        raise LinmechError(f"{path}: cannot be read as an image ({error}); name a photograph") from error


def probe(
    vlm: VLM, ids: Mapping[int, Ids], image: Image.Image, nouns: Sequence[str], kind: str = "left-right",
    boxes: Mapping[str, Box] | None = None,
) -> Probe:  # fmt: skip
    """Ask one question in both orders of its answers, read the nouns at every layer of `ids`, move the subject.

    `boxes` by noun, in pixels, where the truth is known. Raises LinmechError for nouns that are the same or that the
    tokenizer does not know, and for a kind that is about no axis of the IDs.
    """
    known = dict(boxes or {})
    item = _item(vlm, image, nouns, kind, known)
    held, curves, beliefs = [], [], []
    for order in (0, 1):
        asked = question(item, order)
        prompt, blank = (encode(vlm, [each], [asked]) for each in (image, changed(image, "blank")))
        own, base = (at_nouns(vlm, each, ids) for each in (prompt, blank))
        held.append({layer: own[layer] - _middle(found, item, base[layer]) for layer, found in ids.items()})
        places = tuple(positions(prompt, 0, "subject", vlm))
        edits = [
            Intervention(layer, places, torch.tensor(step * _axis(found, kind), dtype=torch.float32))
            for layer, found in ids.items()
            for step in STEPS
        ]
        clean, *after = sweep_encoded(vlm, prompt, edits)
        curves.append(np.array([scores.d for scores in after]).reshape(len(ids), len(STEPS)))
        beliefs.append(clean)
    first, second = asked.options
    d, moved = float(np.mean([scores.d for scores in beliefs])), np.mean(curves, axis=0)
    layers = [
        _read(found, (held[0][layer] + held[1][layer]) / 2, item, row)
        for (layer, found), row in zip(ids.items(), moved.tolist(), strict=True)
    ]
    shown = max(layers, key=lambda each: each.reach).layer
    answer, other = (first, second) if d > 0 else (second, first)
    part = ""
    if item.answer and answer != item.answer:
        part = _part(vlm, ids[shown], image, item, (held[0][shown] + held[1][shown]) / 2)
    return Probe(
        vlm.name, tuple(nouns), question(item).text, answer, other, abs(d), float(np.mean([s.mass for s in beliefs])),
        item.answer, part, shown, COORDINATES[kind], known, layers,
        tuple(noun for noun in nouns if noun not in ids[shown].nouns), tuple(unseen(vlm, item)),
    )  # fmt: skip


def _item(vlm: VLM, image: Image.Image, nouns: Sequence[str], kind: str, boxes: Mapping[str, Box]) -> Item:
    if kind not in COORDINATES:
        raise LinmechError(f"a probe asks {' or '.join(COORDINATES)}, not {kind!r}")
    if len(set(nouns)) != 2:
        raise LinmechError(f"a probe is about two nouns, not {', '.join(nouns)}; name two different ones")
    for noun in nouns:
        pieces = vlm.tokenizer(f" {noun}", add_special_tokens=False)["input_ids"]
        if not pieces or vlm.tokenizer.unk_token_id in pieces:
            raise LinmechError(f"model {vlm.name}: its tokenizer does not know {noun!r}; name another noun")
    if unknown := sorted(set(boxes) - set(nouns)):
        raise LinmechError(f"a box is given of {unknown[0]!r}, which is not asked about; use {' or '.join(nouns)}")
    things = {role: _thing(noun, boxes.get(noun)) for role, noun in zip(NOUNS, nouns, strict=True)}
    known = len(boxes) == 2 and truth(kind, list(things.values()), max(image.size))
    answer, other = known or ("", "")
    return Item("probe", "probe", kind, things, answer, other, width=image.width, height=image.height)


def _thing(noun: str, box: Box | None) -> Thing:
    if box is None:
        return Thing(noun)
    left, top, right, bottom = box
    return Thing(noun, (left + right) / 2, (top + bottom) / 2, max(right - left, bottom - top), box=tuple(box))


def _middle(ids: Ids, item: Item, blank: np.ndarray) -> np.ndarray:
    """What the places of the two nouns are counted from: their means, or what they hold of a blank picture."""
    means = (ids.nouns.get(item.things[role].noun) for role in NOUNS)
    return np.stack([own if mean is None else mean for mean, own in zip(means, blank, strict=True)])


def _axis(ids: Ids, kind: str) -> np.ndarray:
    return ids.axes[ids.coordinates.index(COORDINATES[kind])]


def _read(ids: Ids, held: np.ndarray, item: Item, moved: list[float]) -> Layer:
    """Places and maps of what the two nouns hold."""
    basis, grid = span(ids.ids), ids.ids.astype(np.float64)
    norms = np.linalg.norm(grid, axis=-1)
    along = [np.linspace(0.5 / cells, 1 - 0.5 / cells, POINTS).tolist() for cells in grid.shape[:-1]]
    points = list(itertools.product(*along))
    there = np.stack([id_at(grid, *point) for point in points])
    places, maps = {}, {}
    for role, residual in zip(NOUNS, held, strict=True):
        noun, own = item.things[role].noun, residual @ basis.T @ basis
        nearest = points[int(np.linalg.norm(there - own, axis=-1).argmin())]
        places[noun] = nearest if norms.any() else (0.5, 0.5)
        size = norms * np.linalg.norm(own)
        cosines = np.divide(grid @ own, size, out=np.zeros(size.shape), where=size > 0)
        maps[noun] = cosines.T.tolist()
    return Layer(ids.layer, places, maps, moved)


def _part(vlm: VLM, ids: Ids, image: Image.Image, item: Item, held: np.ndarray) -> str:
    """What this wrong answer speaks for: how far its nouns lie apart beside the true gap, whether true IDs mend it."""
    settings = Settings("probe", kind=item.kind, coordinate=COORDINATES[item.kind])
    one, other = (getattr(item.things[role], AXES[item.kind]) for role in NOUNS)
    side = item.width if settings.coordinate == "column" else item.height
    cells = ids.ids.shape[ids.coordinates.index(settings.coordinate)]
    gap, mended = cells * (one - other) / side, 0.0
    for order in (0, 1):
        asked = question(item, order)
        prompt = encode(vlm, [image], [asked])
        residuals = at_nouns(vlm, prompt, {ids.layer: ids})[ids.layer]
        edit = injection(vlm, prompt, residuals, ids, item, "true", settings)
        mended += sweep_encoded(vlm, prompt, [edit])[1].d * (1 if item.answer == asked.options[0] else -1)
    return part_of(margin(ids, held, settings.coordinate) / gap, mended > 0)
