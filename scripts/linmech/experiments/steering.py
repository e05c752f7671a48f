"""Move a noun's spatial ID and read the answer (section 3, Alg 2; Figs 6, 7), beside controls of the same size.

    h' = h + a |h| v(target)

`a` is the strength, relative to the clean token's own norm; `arms.py` gives v for the IDs and for each control.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float
from tqdm import tqdm

from linmech.engine.beliefs import beliefs
from linmech.engine.interventions import Intervention
from linmech.engine.sweeps import sweep_encoded
from linmech.experiments.arms import Grid, arms
from linmech.experiments.choosing import EXPERIMENTS, POOL, axis_of, candidates, side_of, typical
from linmech.experiments.progress import Progress
from linmech.models.encoding import encode, positions
from linmech.models.vlm import VLM
from linmech.questions.asking import ask
from linmech.questions.kinds import has_orders
from linmech.stimuli.datasets import Dataset

BATCH = 16
TOKENS = {"subject": {"subject": 1.0}, "reference": {"reference": 1.0}, "nouns": {"subject": 1.0, "reference": -1.0}}


@dataclass(frozen=True)
class Settings:
    """One steering experiment. `items` 0 = all; `draws` of noise; `few` draws of span and shuffled.

    `tokens`: "subject" or "reference" is moved to the target, or "nouns": the subject to it, the reference to its
    opposite. An item whose two answers hold less probability than `min_mass` is undecided.
    """

    experiment: str
    strengths: tuple[float, ...] = (5.0,)
    items: int = 100
    draws: int = 20
    few: int = 5
    min_mass: float = 0.05
    tokens: str = "subject"
    seed: int = 0
    commit_every: int = 5


@dataclass(frozen=True)
class Move:
    """One row of the table to be: the intervention's place in the plan, and its draws."""

    layer: int
    target: int
    strength: float
    arm: str
    vectors: Float[np.ndarray, "draw hidden"]


def steer(
    vlm: VLM,
    dataset: Dataset,
    ids_by_layer: Mapping[int, Grid],
    settings: Settings,
    progress: Progress,
) -> pd.DataFrame:
    """The table of one experiment on one data set: a row per item, layer, target, strength and arm (beliefs in nats).

    Items that `progress` holds are not run again. Each item's numbers depend on the seed and on its name only. Both
    orders of the answers are asked and averaged; `delta` = after - before; `delta_sd` and `delta_abs` are over draws;
    `turned` is the share of draws after which the other answer is the likelier one. `target_relative` counts targets
    from the side on which the subject stands.
    Raises LinmechError where the data set has no such questions.
    """
    items = choose(vlm, dataset, settings)
    done, rows = progress.done(), []
    bar = tqdm(total=len(items), initial=len(done), desc=f"{settings.experiment} {dataset.folder.name}", unit="item")
    with bar, torch.inference_mode():
        waiting = [item for item in items.itertuples() if item.item not in done]
        for number, item in enumerate(waiting, start=1):
            rows += steer_item(vlm, dataset, item, ids_by_layer, settings)
            if number % settings.commit_every == 0 or number == len(waiting):
                progress.commit(rows)
                rows = []
            bar.update()
    return progress.table(items["item"].tolist())


def choose(vlm: VLM, dataset: Dataset, settings: Settings) -> pd.DataFrame:
    """The items of the experiment; for "layers", the typical ones of a pool (`steering_items.typical`)."""
    if settings.experiment != "layers":
        return candidates(dataset.questions, settings.experiment, settings.items, settings.seed)
    pool = candidates(dataset.questions, settings.experiment, max(POOL, settings.items), settings.seed)
    d = np.zeros(len(pool))
    for order in (0, 1):
        asked = [ask(item.kind, item.subject, item.reference, order=order) for item in pool.itertuples()]
        batches = tqdm(range(0, len(pool), BATCH), desc=f"typical item, order {order}", unit="batch")
        for rows in (slice(start, start + BATCH) for start in batches):
            images = [dataset.image(name) for name in pool["image"][rows]]
            d[rows] += [score.d / 2 for score in beliefs(vlm, encode(vlm, images, asked[rows]))]
    return typical(pool, d, "left", settings.items)


def steer_item(
    vlm: VLM, dataset: Dataset, item: object, ids_by_layer: Mapping[int, Grid], settings: Settings
) -> list[dict]:
    """The rows of one item (a row of the questions' table)."""
    axis = axis_of(item, settings.experiment)
    moves = list(plan(item, axis, ids_by_layer, settings))
    options, orders = answers(vlm, dataset, item, moves, settings)
    d = np.mean([[score.d for score in scores] for scores in orders], axis=0)
    mass = np.mean([[score.mass for score in scores] for scores in orders], axis=0)
    side = side_of(item, axis)
    known = {"item": item.item, "image": item.image, "dataset": dataset.folder.name, "experiment": settings.experiment}
    known |= {"kind": item.kind, "answer": item.answer, "first": options[0], "second": options[1]}
    known |= {"axis": axis, "side": side, "d_before": d[0], "mass_before": mass[0]}
    known |= {"undecided": bool(mass[0] < settings.min_mass)}
    rows, start = [], 1
    for move in moves:
        drawn = slice(start, start + len(move.vectors))
        start = drawn.stop
        delta, last = d[drawn] - d[0], len(next(iter(ids_by_layer.values()))) - 1
        away = move.target if side in ("left", "above") else last - move.target
        named = {"layer": move.layer, "target": move.target, "strength": move.strength, "arm": move.arm}
        turned = {"turned": (d[drawn] * d[0] < 0).mean()}
        spread = {"delta_sd": delta.std(ddof=1) if len(delta) > 1 else np.nan, "delta_abs": np.abs(delta).mean()}
        after = {"d_after": d[drawn].mean(), "mass_after": mass[drawn].mean(), "delta": delta.mean()}
        rows.append(known | named | {"target_relative": away, "draws": len(delta)} | after | turned | spread)
    return rows


def plan(item: object, axis: str, ids_by_layer: Mapping[int, Grid], settings: Settings) -> Iterator[Move]:
    """All moves of one item, in the order of the table's rows."""
    for layer, ids in sorted(ids_by_layer.items()):
        cells = ids.shape[0 if axis == "horizontal" else 1]
        wanted = EXPERIMENTS[settings.experiment].targets or range(cells)
        draws = {"draws": settings.draws, "few": settings.few, "seed": settings.seed}
        vectors = arms(ids.astype(np.float64), axis, item.item, layer, **draws)
        for target in (target % cells for target in wanted):
            for strength in settings.strengths:
                for arm, drawn in vectors.items():
                    yield Move(layer, target, float(strength), arm, drawn[:, target])


def answers(
    vlm: VLM, dataset: Dataset, item: object, moves: Sequence[Move], settings: Settings
) -> tuple[tuple[str, str], list]:
    """The two options, and for each order of them in the text the scores: clean, then every draw of every move."""
    image, scores = dataset.image(item.image), []
    roles = TOKENS[settings.tokens]
    for order in (0, 1) if has_orders(item.kind) else (0,):
        question = ask(item.kind, item.subject, item.reference, item.third, order=order)
        encoded = encode(vlm, [image], [question])
        places = {positions(encoded, 0, role, vlm)[0]: sign for role, sign in roles.items()}
        where, signs = tuple(sorted(places)), [places[place] for place in sorted(places)]
        interventions = [
            Intervention(
                move.layer, where, torch.tensor(np.outer(signs, vector), dtype=torch.float32),
                mode="add", strength=move.strength, relative=True,
            )
            for move in moves
            for vector in move.vectors
        ]  # fmt: skip
        scores.append(sweep_encoded(vlm, encoded, interventions))
    return question.options, scores
