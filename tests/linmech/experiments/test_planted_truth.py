"""A model whose spatial IDs and readout were put in by hand: the pipeline finds the IDs, steering moves the readout."""

import itertools

import numpy as np
import pytest
import torch

import planted
from derive_ids import main as derive
from linmech.activations.extraction import residuals
from linmech.activations.layer_files import Origin
from linmech.activations.layer_writing import write_layer
from linmech.activations.prompts import index_of, prompts_of
from linmech.engine.hooks import record
from linmech.experiments.arms import arms
from linmech.experiments.progress import Progress
from linmech.experiments.steering import Settings, steer
from linmech.ids.files import load_ids
from linmech.models.encoding import encode, positions
from linmech.questions.relations import truth
from linmech.stimuli.composer import Placement
from linmech.stimuli.datasets import Dataset
from linmech.stimuli.items import question
from linmech.stimuli.layouts.stimulus import Query, Stimulus
from stored import photographed

NOUNS = ("frog", "car", "dog")
LAYER = 2
LAYERS = (1, 2, 3, 4)


@pytest.fixture(scope="module")
def plant():
    made = planted.plant(LAYER, NOUNS)
    # extraction calls the model without its head, where the fixture's own hook does not look at the image
    base = made.vlm.model.base_model
    base.register_forward_pre_hook(lambda _, args, named: planted._look(made, named["pixel_values"]), with_kwargs=True)
    return made


def make_dataset(folder, placements: int, kinds=("left-right",)) -> Dataset:
    """Three planted nouns in three cells per image; the question names two of them."""
    draw, shown = np.random.default_rng(0), []
    cells = list(itertools.permutations(itertools.product(range(4), range(4)), 2))
    for (subject, reference), kind in itertools.product([(0, 1), (1, 2), (2, 0)], kinds):
        for number in draw.permutation(len(cells))[:placements]:
            places = {subject: cells[number][0], reference: cells[number][1]}
            painted = [places.get(noun, (int(number) % 4, int(number) // 4 % 4)) for noun in range(3)]
            placed = [
                Placement(NOUNS[noun], 12.0 * column + 6, 12.0 * row + 6, 12.0, column=column, row=row)
                for noun, (column, row) in places.items()
            ]
            told = dict(zip(("answer", "other"), truth(kind, placed, 48) or ("", ""), strict=True))
            name = f"{kind}-{NOUNS[subject]}-{number}"
            shown.append((Stimulus(name, 0, tuple(placed), (Query(kind, 0, 1, **told),)), planted.paint(*painted)))
    return photographed(folder, shown)


@pytest.fixture(scope="module")
def ids(plant, tmp_path_factory):
    """The IDs of every layer, from images to files through the real pipeline."""
    folder = tmp_path_factory.mktemp("planted")
    grid = make_dataset(folder / "grid", placements=100)
    prompts = prompts_of(grid.items(), ["subject", "reference"])
    batches = [prompts[start : start + 50] for start in range(0, len(prompts), 50)]
    found = []
    with torch.inference_mode():
        for batch in batches:
            encoded = encode(plant.vlm, [grid.visual(p.visual) for p in batch], [p.question for p in batch])
            found.append(residuals(plant.vlm, batch, encoded, LAYERS).numpy())
    paths = []
    for layer, rows in zip(LAYERS, np.concatenate(found, axis=1), strict=True):
        paths.append(folder / f"layer_{layer}.h5")
        origin = Origin("planted", "f", "m", "subject,reference")
        write_layer(paths[-1], layer, index_of(prompts), origin, [rows], hidden=plant.vlm.hidden)
    derive(paths, grid.folder, {}, folder / "ids.h5")
    return load_ids(folder / "ids.h5")


def planted_ids(plant) -> np.ndarray:
    column, row = np.indices((4, 4))[..., None] - 1.5
    horizontal, vertical = plant.W.numpy()
    return column * horizontal + row * vertical


def test_the_planted_ids_are_recovered_in_direction_and_size(plant, ids):
    wanted = planted_ids(plant)
    for found in (ids[LAYER].ids, ids[LAYER].ids_train, ids[LAYER].ids_held_out):
        cosines = (found * wanted).sum(-1) / np.linalg.norm(found, axis=-1) / np.linalg.norm(wanted, axis=-1)
        assert cosines.min() >= 0.999
        np.testing.assert_allclose(found, wanted, atol=1e-3)


def test_the_planted_axes_are_recovered_and_hold_all_the_variance(plant, ids):
    np.testing.assert_allclose(ids[LAYER].axes, plant.W.numpy(), atol=1e-3)
    found = ids[LAYER].statistics
    assert found["plane_share"] > 0.999 and min(found["correlation"]) > 0.999 and abs(found["cosine"]) < 1e-3
    assert found["random"]["high"]["plane_share"] < 0.5


@pytest.mark.parametrize("layer", [layer for layer in LAYERS if layer != LAYER])
def test_where_nothing_is_planted_there_are_no_ids(ids, layer):
    assert np.abs(ids[layer].ids).max() < 1e-6


@pytest.fixture(scope="module")
def steered(plant, ids, tmp_path_factory):
    folder = tmp_path_factory.mktemp("steered")
    dataset = make_dataset(folder / "pairs", placements=3, kinds=("left-right", "above-below"))
    found = {layer: ids[LAYER] for layer in (LAYER, LAYER + 1)}
    tables = {}
    for kind, coordinate in (("left-right", "column"), ("above-below", "row")):
        settings = Settings("e", kind, coordinate, strengths=(0.5, 2.0), items=3, draws=3, few=2)
        tables[kind] = steer(plant.vlm, dataset, found, settings, Progress(folder / kind, "k"))
    return dataset, found, tables


@pytest.mark.parametrize("kind", ["left-right", "above-below"])
def test_every_arm_moves_the_belief_by_the_planted_amount(plant, steered, kind):
    dataset, found, tables = steered
    axis = ("left-right", "above-below").index(kind)
    table = tables[kind][tables[kind]["layer"] == LAYER]
    item = next(item for item in dataset.items() if item.id == table["item"].iloc[0])
    vectors = arms(found[LAYER], axis, item.id, LAYER, draws=3, few=2, seed=0)
    assert table.loc[table["arm"] == "ids", "delta"].abs().min() > 0.01
    for row in table[table["item"] == item.id].itertuples():
        moved = []
        for order, vector in itertools.product((0, 1), vectors[row.arm][:, row.target]):
            encoded = encode(plant.vlm, [dataset.visual(item.visual)], [question(item, order)])
            with record(plant.vlm, [LAYER]) as seen, torch.inference_mode():
                plant.vlm.model(**encoded.inputs)
            clean, place = seen[LAYER][0], positions(encoded, 0, "subject", plant.vlm)[0]
            changed = clean.clone()
            changed[place] += row.strength * clean[place].norm() * torch.tensor(vector, dtype=torch.float32)
            moved.append(plant.belief(changed, axis) - plant.belief(clean, axis))
        assert row.delta == pytest.approx(np.mean(moved), abs=2e-4)


@pytest.mark.parametrize("kind", ["left-right", "above-below"])
def test_the_belief_follows_the_target_cell_and_controls_do_not(steered, kind):
    table = steered[2][kind]
    table = table[(table["layer"] == LAYER) & (table["strength"] == 0.5)]
    means = table.groupby(["arm", "target"])["delta"].mean().unstack()
    ids = means.loc["ids"].to_numpy()
    assert (np.diff(ids) < 0).all() and ids[0] > 0.05 and ids[3] < -0.05
    assert np.abs(means.drop("ids").to_numpy()).max() < 0.7 * np.abs(ids[[0, 3]]).min()


@pytest.mark.parametrize("kind", ["left-right", "above-below"])
def test_the_same_vectors_one_layer_too_late_move_nothing(steered, kind):
    late = steered[2][kind][steered[2][kind]["layer"] == LAYER + 1]
    assert late["delta"].abs().max() < 1e-4
