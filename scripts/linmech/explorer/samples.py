"""Sample pictures: true boxes, and where each model's own states say that the subject stands, layer by layer."""

import base64
import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from PIL import Image

from linmech.errors import LinmechError
from linmech.figures.diagnosis.marks import read_diagnosed
from linmech.figures.sheets.images import caption, evenly
from linmech.questions.relations import AXES
from linmech.stimuli.datasets import Dataset
from linmech.stimuli.items import Item

COUNT = 12
SIDE = 320  # px, at most, of an embedded picture
QUALITY = 88
ROLES = ("subject", "reference")
KNOWN = {"x": "column", "y": "row"}  # axes of a picture along which IDs tell places


def read_samples(tables: Sequence[str | Path], datasets: Sequence[Dataset], cells: int) -> dict[str, object]:
    """COUNT items that all models were asked (method 4.2), half of them wrong for some model where there are as many.

    `tables` of diagnosing, `{model}.parquet`; `cells` of the IDs along the asked axis. `pictures`: per item its image
    (a data URL), boxes (shares of the picture), question and answer; `read`: a row per model, item and layer, the
    margin by which the subject is bound beyond the reference, and the true one (cells); `cells`. Empty where the
    question is about no axis of the picture. Raises LinmechError where models share no item.
    """
    table = read_diagnosed(tables)
    if any(AXES.get(kind) not in KNOWN for kind in table["kind"].unique()):
        return {}
    bound = table[(table["what"] == "bound") & (table["relabelling"] == 0)]
    toward = (bound["answer"] == bound["first"]) * 2 - 1
    bound = bound.assign(right=bound["d_before"] * toward > 0)
    answered = bound.drop_duplicates(["model", "item"]).pivot(index="item", columns="model", values="right").dropna()
    if answered.empty:
        raise LinmechError(f"{tables[0]} and the other models' share no item: run diagnose_model again for all of them")
    items = {f"{data.name}/{item.id}": (data, item) for data in datasets for item in data.items()}
    chosen = _chosen(answered.astype(bool).all(axis=1))
    if missing := [name for name in chosen if name not in items]:
        raise LinmechError(f"{tables[0]}: item {missing[0]} is in no data set: run diagnose_model again")
    pictures = [_picture(name, *items[name]) for name in chosen]
    columns = ["model", "item", "layer", "margin", "true_margin", "d_before", "first", "second", "right", "undecided"]
    read = bound.loc[bound["item"].isin(chosen), columns].reset_index(drop=True)
    return {"pictures": pictures, "read": read, "cells": cells, "asked": len(answered)}


def _chosen(right: pd.Series) -> list[str]:
    """COUNT items of `right` (by item, whether all models answer it so), wrong ones first, spread over their ids."""
    wrong, known = (list(right.index[right == truth]) for truth in (False, True))
    shown = evenly(wrong, min(len(wrong), max(COUNT // 2, COUNT - len(known))))
    return shown + evenly(known, min(len(known), COUNT - len(shown)))


def _picture(name: str, dataset: Dataset, item: Item) -> dict[str, object]:
    things = [(role, item.things[role]) for role in ROLES]
    if absent := [thing.noun for _, thing in things if thing.box is None]:
        raise LinmechError(f"{dataset.folder}: item {item.id} has no box of {absent[0]}; make the data set again")
    scale = (item.width, item.height) * 2
    boxes = {role: [edge / side for edge, side in zip(thing.box, scale, strict=True)] for role, thing in things}
    return {
        "item": name, "axis": AXES[item.kind], "image": _embedded(dataset.visual(item.visual)), "boxes": boxes,
        "nouns": {role: thing.noun for role, thing in things}, "answer": item.answer, "caption": caption(item),
        "centres": {role: [thing.x / item.width, thing.y / item.height] for role, thing in things},
        "shape": [item.width, item.height],
    }  # fmt: skip


def _embedded(picture: Image.Image) -> str:
    """The picture as the text of a data URL, no larger than SIDE."""
    small = picture.copy()
    small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    small.save(stream, "JPEG", quality=QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(stream.getvalue()).decode()
