"""Hand-made csv files, IDs and pictures from which an explorer is made."""

import itertools
from pathlib import Path

import numpy as np
import pandas as pd

from diagnosed import diagnosed
from discs import SIDE, laid_out
from linmech.explorer.building import Sources
from linmech.ids.axes import axes_of
from linmech.ids.files import Ids, save_ids
from stored import composed

LAYERS = range(4)
HOSTILE = "<img src=x onerror=document.title=1><b>&amp;"  # the name of a model
FILMS = ("filmed", f"film {HOSTILE}")  # models of videos
TRUTH = "</script><script>document.title=2</script>"
MARK = {"estimate": 0.4, "low": 0.3, "high": 0.5, "items": 50, "undecided": 1}
NOWHERE = dict.fromkeys(("slope", "slope_low", "slope_high", "within", "within_low", "within_high", "share"))


def sources(folder: Path, models=("tiny",), sprites=None, layers=LAYERS) -> Sources:
    """All that a page is made of; pictures where `sprites` are given."""
    folder.mkdir(parents=True, exist_ok=True)
    figures = {}
    for name, rows in tables(models, layers).items():
        figures[name] = folder / f"{name}.csv"
        pd.DataFrame(rows).to_csv(figures[name], index=False)
    ids = [ids_file(folder, f"{number}", model) for number, model in enumerate(models)]
    if sprites is None:
        return Sources(figures, ids)
    return Sources(figures, ids, *pictures(folder, models, sprites))


def ids_file(folder: Path, name: str, model: str) -> Path:
    grid = np.stack(np.meshgrid(np.arange(4.0) - 1.5, np.arange(4.0) - 1.5, [0.0], indexing="ij"), -1)[:, :, 0]
    known = {"held_out": ["cup"], "rows": 96}
    nouns = {"apple": np.zeros(3, np.float32), "cup": np.ones(3, np.float32)}
    save_ids(folder / f"{name}.h5", [Ids(grid, grid, grid, axes_of(grid), 3, model, nouns=nouns, statistics=known)])
    return folder / f"{name}.h5"


def pictures(folder: Path, models, sprites: dict):
    """Tables of diagnosing of ten items, the tables of questions of their data set, and the sprites."""
    paths, data = [], composed(folder / "hard", laid_out("pairs", items=10, asks=["left-right"]), sprites, SIDE)
    items = {f"{number}": item.id for number, item in enumerate(data.items())}
    for number, model in enumerate(models):
        table = diagnosed("vision", items=10, seed=number, relabellings=2).assign(dataset="hard", kind="left-right")
        paths.append(folder / "diagnosed" / f"{model}.parquet")
        paths[-1].parent.mkdir(exist_ok=True)
        table.assign(item=table["item"].map(items)).to_parquet(paths[-1])
    return paths, [folder / "hard" / "questions.parquet"], data.sprites


def tables(models, layers=LAYERS) -> dict[str, list[dict]]:
    """The rows of each figure's csv, with the columns that the page shows."""
    figures = ("fig5-layers", "codes", "fig6", "fig2", "fig4", "fig8", "verdict", "figa13", "fig10", "emergence")
    rows = {name: [] for name in figures}
    for number, model in enumerate(models):
        for layer in layers:
            quality = {"r2_held_out": 0.2 * layer if layer else None, "r2_shuffled_high": 0.3 if layer else None}
            for column in range(4):
                for row in range(4):
                    rows["fig5-layers"].append(_point(model, layer, "cell", "", column, row) | quality)
            rows["fig5-layers"].append(_point(model, layer, "words", "left", -1, -1) | quality)
            rows["codes"].append({
                "model": model, "layer": layer, "code": "linear" if layer > 1 else "none", "r2": quality["r2_held_out"],
                "chance": quality["r2_shuffled_high"], "copied": False, "shown": layer == max(layers), "truth": TRUTH,
            })  # fmt: skip
            for need in ("turn", "stay"):
                mark = MARK | {"panel": "A", "layer": layer, "need": need, "arm": "axis"}
                rows["fig6"].append(_moved(model) | mark)
            for selector in ("image", "text", "nouns"):
                for value in ("share", "delta"):
                    rows["fig4"].append(_swapped(model, value) | {"selector": selector, "layer": layer})
        rows["fig4"].append(
            _swapped(model, "crossing") | {"selector": "image and text", "estimate": 2.5, "low": 2, "high": 3}
        )
        for arm in ("axis", "noise"):
            for need in ("turn", "stay"):
                place = {"panel": "B", "layer": 2, "experiment": "left-right", "dataset": "pairs", "tokens": "subject"}
                rows["fig6"].append(_moved(model) | place | MARK | {"need": need, "arm": arm})
            known = {"model": model, "layer": 2, "arm": arm, "what": None, "p_holm": None}
            estimate = 0.1 + 0.01 * number if arm == "axis" else 0.02
            exchanged = known | MARK | {"against": True, "estimate": estimate, "low": 0.01}
            rows["fig2"] += [
                exchanged | {"panel": panel, "size": size} for panel, size in (("A", 1), ("C", 1), ("C", 2))
            ]
        rows["fig2"].append(
            known | MARK | {"panel": "B", "against": None, "size": None, "what": "ours", "p_holm": 0.004}
        )
        for item in range(6):
            crossing = {"item": f"pairs/{item}#0", "true": item - 2.5, "crossing": item - 2.4 if item else None}
            rows["fig6"].append(
                _moved(model) | {"panel": "B", "layer": 2, "dataset": "pairs", "held_out": item % 2 == 0} | crossing
            )
        fit = dict(zip(NOWHERE, (0.9, 0.8, 1.0, 0.5, 0.2, 0.7, 0.8), strict=True)) | {"items": 6}
        rows["fig6"].append(_moved(model) | {"panel": "B", "layer": 2, "dataset": "pairs"} | fit)
        rows["fig6"].append(_moved(model) | {"panel": "C", "estimate": 99.0})
        test = {"panel": "A", "statistic": "deviation", "right": 30, "wrong": 20, "auc": 0.8, "low": 0.7, "high": 0.9}
        test |= {"p_chance": 0.05, "chance_low": 0.4, "chance_high": 0.6, "relabellings": 19}
        rows["fig8"] += [{"model": model, "item": None, "deviation": None} | test]
        for item in range(8):
            told = {"panel": "items", "item": f"{item}", "deviation": item - 4.0, "right": item % 2}
            rows["fig8"].append({"model": model} | dict.fromkeys(("statistic", "wrong", "auc", "low", "high")) | told)
        speaks = {"binding": 0.7, "binding_low": 0.5, "binding_high": 0.9, "verdict": "binding", "why": ""}
        rows["verdict"].append({"model": model, "truth": "", "items": 100, "wrong": 20, "undecided": 0} | speaks)
    for number, film in enumerate(FILMS):
        for layer in layers:
            order = dict.fromkeys(("tau", "tau_low", "tau_high", "slope", "slope_low", "slope_high", "r2_held_out"))
            if layer:
                order = {"tau": 0.2 * layer, "tau_low": 0.1 * layer, "tau_high": 0.3 * layer, "r2_held_out": 0.5}
                order |= {"slope": 1.0, "slope_low": 0.9, "slope_high": 1.1}
            for point in ("fitted", "held out"):
                for frame in range(8):
                    place = {"point": point, "frame": frame, "coordinate": frame - 3.5 + number}
                    place |= {"low": -9, "high": 9, "n": 15, "r2_shuffled_high": 0.3}
                    rows["figa13"].append({"model": film, "layer": layer} | place | order)
        for tokens, need, arm in itertools.product(("subject", "reference"), ("turn", "stay"), ("axis", "noise")):
            moved = {"experiment": "before-after", "tokens": tokens, "layer": 2, "need": need, "arm": arm}
            rows["fig10"].append({"model": film, "panel": "C"} | moved | MARK)
        rows["fig10"].append({"model": film, "panel": "A"} | MARK | {"estimate": 99.0})
    for step in (10, 20, 40):
        rows["emergence"].append({"panel": "A", "step": step} | MARK | {"low": step / 50, "estimate": step / 45})
        for layer in layers:
            at = {"step": step, "layer": layer}
            rows["emergence"].append(
                at | {"panel": "B", "code": "linear" if step > 10 else "none", "r2": 0.5, "chance": 0.3}
            )
            rows["emergence"].append(at | {"panel": "C", "need": "turn"} | MARK)
    return rows


def _point(model, layer, point, word, column, row):
    across, down = (column - 1.5, row - 1.5) if point == "cell" else (-2.0, 0.0)
    place = {"horizontal": across, "vertical": down, "scale": 1, "drawn_horizontal": across, "drawn_vertical": down}
    return {"model": model, "layer": layer, "point": point, "word": word, "column": column, "row": row} | place


def _moved(model):
    blank = ("layer", "need", "arm", *MARK, "dataset", "experiment", "tokens", "item", "true", "crossing", "held_out")
    return {"model": model, "panel": None} | dict.fromkeys(blank) | NOWHERE | {"chosen_layer": 2}


def _swapped(model, value):
    known = {"model": model, "experiment": "mirror", "kind": "left-right", "change": "mirror", "value": value}
    return known | {"selector": None, "layer": None} | MARK | {"right": 0.9}
