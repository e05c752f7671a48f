"""Laws of the methods: each reads what the plain model has, counts what it costs, and is not told what is planted."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import tiny
from linmech.engine.beliefs import beliefs
from linmech.engine.hooks import record
from linmech.errors import LinmechError
from linmech.experiments.afflicting import broken
from linmech.experiments.methods.attending import attention_weights, looks, shows
from linmech.experiments.methods.comparing import METHODS, Settings, compare
from linmech.experiments.methods.costs import counted
from linmech.experiments.methods.probing import Probe
from linmech.experiments.progress import Progress
from linmech.ids.axes import axes_of
from linmech.ids.files import Ids
from linmech.models.encoding import encode, positions
from linmech.models.faults import Fault
from linmech.stimuli.items import question
from linmech.stimuli.layouts.stimulus import Query
from stored import pair, photographed

LAYERS, SETTINGS = (0, 2, tiny.LAYERS), Settings(items=0, min_mass=1e-6)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    asked = [Query("left-right", 0, 1, -1, *answers) for answers in (("left", "right"), ("right", "left"))]
    places = [(10, 20), (36, 24)]
    made = [pair(f"{n}", ("frog", "car"), places[:: (1, -1)[n % 2]], asked[n % 2]) for n in range(4)]
    return photographed(tmp_path_factory.mktemp("x") / "pairs", [(each, tiny.image(n)) for n, each in enumerate(made)])


def ids_at(layer: int) -> Ids:
    draw = np.random.default_rng(layer)
    axes = draw.normal(size=(2, tiny.HIDDEN))
    column, row = np.indices((4, 4)) - 1.5
    cells = column[..., None] * axes[0] + row[..., None] * axes[1]
    nouns = {noun: draw.normal(size=tiny.HIDDEN) for noun in tiny.NOUNS}
    return Ids(cells, cells, cells, axes_of(cells), layer, "tiny", nouns=nouns)


IDS = {layer: ids_at(layer) for layer in LAYERS}
PROBES = {layer: Probe(np.random.default_rng(9 + layer).normal(size=tiny.HIDDEN), 1.0) for layer in LAYERS}


def tabled(vlm, dataset, folder):
    return compare(vlm, dataset, IDS, PROBES, SETTINGS, Progress(folder, "k"))


@pytest.fixture(scope="module")
def table(dataset, tmp_path_factory):
    return tabled(tiny.llava(), dataset, tmp_path_factory.mktemp("p"))


def values(table, method, what):
    own = table[(table["method"] == method) & (table["what"] == what)]
    return own.pivot(index="item", columns="layer", values="value")


def test_every_item_has_a_row_per_method_what_it_reads_and_layer(table, dataset):
    assert set(table["method"]) == set(METHODS)
    assert table.groupby("item").size().nunique() == 1 and table["item"].nunique() == 4
    assert not table.duplicated(["item", "method", "what", "layer"]).any() and np.isfinite(table["value"]).all()


def test_the_answer_counts_towards_the_truth_in_both_orders(table, dataset):
    vlm, item = tiny.llava(), next(iter(dataset.items()))
    toward = []
    for order in (0, 1):
        asked = question(item, order)
        d = beliefs(vlm, encode(vlm, [dataset.visual(item.visual)], [asked]))[0].d
        toward.append(d if asked.options[0] == item.answer else -d)
    assert values(table, "answer", "belief").loc[item.id, -1] == pytest.approx(np.mean(toward), abs=1e-4)


def test_the_lens_at_the_last_layer_is_the_belief(table):
    lens, answer = values(table, "lens", "belief"), values(table, "answer", "belief")
    last = tiny.llava().n_layers
    assert last in LAYERS
    np.testing.assert_allclose(lens[last], answer[-1], atol=1e-3)


def test_nouns_patched_at_the_embedding_change_nothing_and_a_probe_reads_the_nouns_own_residuals(table, dataset):
    np.testing.assert_allclose(values(table, "patching", "nouns")[0], 0, atol=1e-4)
    vlm, item = tiny.llava(), list(dataset.items())[1]
    found = []
    for order in (0, 1):
        prompt = encode(vlm, [dataset.visual(item.visual)], [question(item, order)])
        with record(vlm, [2]) as seen, torch.no_grad():
            vlm.model(**prompt.inputs)
        at = [positions(prompt, 0, role, vlm)[0] for role in ("subject", "reference")]
        found.append(PROBES[2].margin(seen[2][0][at].numpy().astype(float)))
    side = np.sign(item.things["subject"].x - item.things["reference"].x)
    assert values(table, "probe", "place").loc[item.id, 2] == pytest.approx(side * np.mean(found), abs=1e-3)


def test_attention_weights_are_shares_and_come_from_the_plain_model(dataset):
    vlm, item = tiny.llava(), next(iter(dataset.items()))
    prompt = encode(vlm, [dataset.visual(item.visual)], [question(item)])
    before = beliefs(vlm, prompt)[0].d
    with attention_weights(vlm) as seen, torch.no_grad():
        vlm.model(**prompt.inputs)
    assert set(seen) == set(range(1, vlm.n_layers + 1))
    for weights in seen.values():
        np.testing.assert_allclose(weights.sum(-1), 1, atol=1e-5)
    assert beliefs(vlm, prompt)[0].d == before
    own, other = (set(shows(vlm, prompt, item, role)) for role in ("subject", "reference"))
    assert own and other and own != other and own | other <= set(positions(prompt, 0, "image", vlm))


def test_nouns_that_are_cut_from_the_picture_have_no_weights_on_it_where_they_are_cut(dataset):
    vlm, item = replace(tiny.llava(), fault=Fault("binding", blocks=(1,))), next(iter(dataset.items()))
    asked = question(item)
    with broken(vlm, dataset, item, asked) as (model, seen):
        found = looks(model, encode(model, [seen.visual(item.visual)], [asked]), item)
    assert found[1] == (0, 0) and found[2][1] > 0


def test_a_cost_is_the_tokens_that_ran_in_units_of_the_prompt(dataset, table):
    vlm, item = tiny.llava(), next(iter(dataset.items()))
    prompt = encode(vlm, [dataset.visual(item.visual)], [question(item)])
    with counted(vlm, prompt.lengths[0]) as cost:
        for _ in range(3):
            beliefs(vlm, prompt)
    assert cost.passes == pytest.approx(3) and cost.seconds > 0
    spent = table[table["what"] == "passes"].groupby("method")["value"].median()
    assert spent["answer"] == spent["lens"] == spent["attention"] == spent["probe"] == 1 < spent["patching"]


def test_a_fault_changes_its_own_items_and_a_table_says_nothing_of_it(table, dataset, tmp_path):
    items = [item.id for item in dataset.items()]
    faults = (Fault("readout", 0.5, seed=seed) for seed in range(99))
    fault = next(each for each in faults if 0 < sum(map(each.afflicts, items)) < len(items))
    sick = tabled(replace(tiny.llava(), fault=fault), dataset, tmp_path / "p")
    assert list(sick.columns) == list(table.columns)
    turned = values(sick, "answer", "belief")[-1] / values(table, "answer", "belief")[-1]
    for item, ratio in turned.items():
        assert ratio == pytest.approx(-1 if fault.afflicts(item) else 1, abs=1e-3)


def test_data_without_such_questions_are_an_error(dataset, tmp_path):
    with pytest.raises(LinmechError, match="no above-below question"):
        compare(tiny.llava(), dataset, IDS, PROBES, replace(SETTINGS, kind="above-below"), Progress(tmp_path, "k"))
