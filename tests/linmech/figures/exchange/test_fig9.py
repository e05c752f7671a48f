"""Laws of Figure 9: measures that know the rule and not the accuracy, and no correlation of few models."""

import json

import numpy as np
import pandas as pd
import pytest

from exchange_tables import exchange_table
from figure_tools import bytes_of, cut_off
from linmech.errors import LinmechError
from linmech.figures import style as plotting
from linmech.figures.exchange import fig9, steerability
from linmech.figures.exchange.marks import read_exchanges

OUTPUTS = ("pdf", "png", "csv")


def outputs_in(folder):
    return {name: folder / f"figure.{name}" for name in OUTPUTS}


def files_of(folder, count, **how):
    """Tables and jsons of `count` models of three classes, the more steerable the more often right."""
    draw, tables, models = np.random.default_rng(0), [], []
    for number in range(count):
        good = draw.random()
        settings = {
            "follows": 0.3 + good,
            "right": 0.6 + 0.35 * good,
            "size": draw.uniform(0.5, 2),
            "noise": 0.05,
        } | how
        name = f"organism-llava-{number}"
        tables.append(exchange_table(folder, name, items=24, seed=number, **settings))
        models.append(folder / f"{name}.json")
        models[-1].write_text(json.dumps({"model_type": f"class-{number % 3}"}))
    return tables, models


@pytest.fixture(scope="module")
def thirty(tmp_path_factory):
    folder = tmp_path_factory.mktemp("thirty")
    tables, models = files_of(folder, 30)
    fig9.plot(tables, models, **outputs_in(folder), dpi=50)
    return tables, models, outputs_in(folder), pd.read_csv(outputs_in(folder)["csv"])


def measures(tmp_path, **how):
    path = exchange_table(tmp_path, "tiny", layers=(2,), **how)
    tables = (read_exchanges([path], chance=chance) for chance in (False, True))
    return steerability.of_models(*tables, {"tiny": "class"}, 0).iloc[0]


def test_what_follows_the_rule_reaches_one_and_what_does_not_move_zero(tmp_path):
    good = measures(tmp_path)
    assert (good["reach"], good["crossed"], good["accuracy"], good["lost"]) == pytest.approx((1, 1, 1, 1))
    half, still = measures(tmp_path, follows=0.5), measures(tmp_path, follows=0.0)
    assert half["reach"] == pytest.approx(0.5) and (still["reach"], still["nats"], still["lost"]) == (0, 0, 0)
    assert measures(tmp_path, follows=9.0)["reach"] == pytest.approx(2), "no less than the smallest dose is told"
    assert good["nats"] == pytest.approx(2 * good["clean"]), "beliefs that change sides move by twice their size"


def test_an_effect_that_relabelled_cells_have_too_is_none_of_the_cells(tmp_path):
    good, alike = measures(tmp_path), measures(tmp_path, relabelled=1.2)
    assert (good["nats_p"], good["relabellings"]) == (0.05, 19) and good["nats_chance_high"] < good["nats"]
    assert alike["nats"] == good["nats"] and alike["nats_p"] == pytest.approx(4 / 20), "runs 17, 18 and 19 go farther"


def test_our_measures_do_not_hold_the_accuracy_and_the_papers_does(tmp_path):
    good, wrong = measures(tmp_path), measures(tmp_path, right=0.5)
    assert wrong["accuracy"] == 0.5 and wrong["lost"] < 0.6 < good["lost"]
    assert (wrong["reach"], wrong["nats"]) == pytest.approx((good["reach"], good["nats"]))


def test_the_correlations_of_thirty_models_are_in_the_csv_beside_what_the_papers_is_by_construction(thirty):
    *_, table = thirty
    models, told = table[table["what"] == "model"], table[table["what"] != "model"].set_index("what")
    assert len(models) == 30 and set(models["family"]) == {"class-0", "class-1", "class-2"}
    assert told.loc["reach", "plain"] > 0.7 and told.loc["reach", "p"] < 0.05
    assert np.isfinite(told.loc["lost", "by_construction"]) and told["by_construction"].notna().sum() == 1
    ranks = models[["reach", "accuracy"]].corr("spearman").iloc[0, 1]
    assert told.loc["reach", "plain"] == pytest.approx(ranks)


def test_the_papers_definition_goes_with_accuracy_where_nothing_is_to_be_found():
    draw, size = np.random.default_rng(1), 30
    accuracy, left = draw.uniform(0.5, 1, size), draw.uniform(0.2, 0.4, size)
    models = pd.DataFrame({"accuracy": accuracy, "after_noise": accuracy, "after_ids": left})
    assert steerability.by_construction(models, 0) > 0.7
    assert np.isnan(steerability.by_construction(models[:5], 0))


@pytest.mark.parametrize("count", [2, 5])
def test_of_few_models_no_correlation_is_told(tmp_path, count):
    tables, models = files_of(tmp_path, count)
    fig9.plot(tables, models, **outputs_in(tmp_path), dpi=50)
    table = pd.read_csv(outputs_in(tmp_path)["csv"])
    told = table[table["what"] != "model"]
    assert told[["plain", "partial", "within", "p"]].isna().all(axis=None) and len(told) == 3
    found = fig9.make_marks(tables, {path.stem: "class" for path in models}, 0)
    with plotting.style():
        figure = fig9.draw(found)
        assert f"{count} models: too few for a correlation" in figure.axes[0].get_title(loc="left")
        assert len(figure.axes) == 3 and cut_off(figure) == []
    words = [text.get_text() for text in figure.axes[0].texts]
    assert {path.stem for path in models} <= set(words)


def test_thirty_models_are_drawn_as_the_csv_says_and_no_text_is_cut_off(thirty):
    tables, models, outputs, table = thirty
    found = fig9.make_marks(tables, {path.stem: steerability.family_of(path) for path in models}, 0)
    with plotting.style():
        figure = fig9.draw(found)
        assert cut_off(figure) == [] and len(figure.axes) == 6
    drawn = np.concatenate(
        [line.get_xydata() for line in figure.axes[3].lines if line.get_marker() not in ("", "None")]
    )
    wanted = table.loc[table["what"] == "model", ["rank_reach", "rank_accuracy_reach"]].to_numpy(float)
    np.testing.assert_allclose(drawn[np.lexsort(drawn.T)], wanted[np.lexsort(wanted.T)], atol=1e-6)
    first = bytes_of(outputs)
    fig9.plot(tables, models, **outputs, dpi=50)
    assert bytes_of(outputs) == first


def test_a_stanza_may_name_the_family(tmp_path):
    tables, models = files_of(tmp_path, 2)
    fig9.plot(tables, models, **outputs_in(tmp_path), families={"organism-llava-1": "one recipe"}, dpi=50)
    assert list(pd.read_csv(outputs_in(tmp_path)["csv"])["family"].dropna()) == ["class-0", "one recipe"]


def test_what_tells_no_class_is_named(tmp_path):
    tables, models = files_of(tmp_path, 1)
    models[0].write_text("{}")
    with pytest.raises(LinmechError, match="organism-llava-0.json: tells no model_type .*run identify_model again"):
        fig9.plot(tables, models, **outputs_in(tmp_path))
    with pytest.raises(LinmechError, match="a table of displacing.experiments.adversarial and a json of each model"):
        fig9.plot(tables, [], **outputs_in(tmp_path))
