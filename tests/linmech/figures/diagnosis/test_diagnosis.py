"""Laws of the figures of diagnosis: every mark is in the csv, equal tables give equal bytes, nothing is cut off."""

import numpy as np
import pandas as pd
import pytest

from diagnosed import diagnosed
from figure_tools import bytes_of, cut_off, silent
from linmech.errors import LinmechError
from linmech.figures import style as plotting
from linmech.figures.diagnosis import fig8, figa8, marks, verdict

FAULTS = ("none", "vision", "binding", "readout")


def outputs_in(folder):
    return {name: folder / f"figure.{name}" for name in ("pdf", "png", "csv")}


@pytest.fixture
def tables(tmp_path):
    paths = []
    for number, fault in enumerate(FAULTS):
        path = tmp_path / f"a-model-with-{fault}.parquet"
        diagnosed(fault, seed=number).to_parquet(path)
        paths.append(path)
    return paths


@pytest.mark.parametrize("figure", [fig8, figa8, verdict])
def test_equal_tables_give_equal_bytes_and_tables_of_something_else_are_told(figure, tables, tmp_path):
    figure.plot(tables, **outputs_in(tmp_path), dpi=50)
    first = bytes_of(outputs_in(tmp_path))
    figure.plot(tables, **outputs_in(tmp_path), dpi=50)
    assert bytes_of(outputs_in(tmp_path)) == first
    pd.DataFrame({"item": ["a"]}).to_parquet(tables[0])
    with pytest.raises(LinmechError, match="run diagnose_model again"):
        figure.plot(tables, **outputs_in(tmp_path), dpi=50)
    with pytest.raises(LinmechError, match="at least one model"):
        figure.plot([], **outputs_in(tmp_path))


def test_figure_8_tells_wrong_from_right_where_nouns_are_bound_wrongly(tables, tmp_path):
    fig8.plot(tables, **outputs_in(tmp_path), dpi=50)
    csv = pd.read_csv(outputs_in(tmp_path)["csv"])
    tests = csv[csv["panel"] != "items"].set_index(["model", "panel"])
    items = csv[csv["panel"] == "items"]
    assert len(tests) == 2 * len(FAULTS) and items.groupby("model").size().eq(100).all()
    assert tests.loc[("a-model-with-vision", "A"), "auc"] == 1.0 and tests.loc[("a-model-with-vision", "A"), "p"] < 1e-6
    told = tests.loc[("a-model-with-readout", "A")]
    assert told["low"] < 0.5 < told["high"] and told["p"] > 0.01
    assert np.isnan(tests.loc[("a-model-with-none", "A"), "auc"])  # no answer is wrong
    own = items[items["model"] == "a-model-with-vision"]
    assert own.loc[own["right"].astype(bool), "deviation"].abs().max() < 1.5
    assert own.loc[~own["right"].astype(bool), "deviation"].max() < -2


def test_figure_8_tests_against_relabelled_cells_where_there_are_any(tables, tmp_path):
    diagnosed("vision", relabellings=19).to_parquet(tables[1])
    fig8.plot(tables[1:3], **outputs_in(tmp_path), dpi=50)
    csv = pd.read_csv(outputs_in(tmp_path)["csv"]).set_index(["model", "panel"])
    told, other = csv.loc[("a-model-with-vision", "A")], csv.loc[("a-model-with-binding", "A")]
    assert told["relabellings"] == 19 and told["p_chance"] == 0.05 and told["chance_low"] < 0.5 < told["chance_high"]
    assert other["relabellings"] == 0 and np.isnan(other["p_chance"])
    assert np.isnan(csv.loc[("a-model-with-vision", "B"), "relabellings"])
    fig8.plot(tables[2:3], **outputs_in(tmp_path), dpi=50)
    plain = diagnosed("vision", relabellings=19)
    found = marks.evidence_of(plain.assign(model="m"))
    alone = marks.evidence_of(plain[plain["relabelling"] == 0].assign(model="m"))
    pd.testing.assert_frame_equal(found, alone)


def test_figure_a8_counts_right_answers_and_nothing_injected_is_the_clean_share(tables, tmp_path):
    figa8.plot(tables, **outputs_in(tmp_path), dpi=50)
    csv = pd.read_csv(outputs_in(tmp_path)["csv"]).set_index(["model", "arm", "layer"])["estimate"]
    for fault, path in zip(FAULTS, tables, strict=True):
        table = pd.read_parquet(path).drop_duplicates("item")
        clean = ((table["d_before"] > 0) == (table["answer"] == table["first"])).mean()
        for layer in (0, 1, 2):
            assert csv[f"a-model-with-{fault}", "none", layer] == pytest.approx(clean)
        assert csv[f"a-model-with-{fault}", "true", 0] == pytest.approx(clean)
    assert csv["a-model-with-vision", "true", 1] == 1.0 > csv["a-model-with-readout", "true", 1]


def test_the_verdict_names_what_is_planted_and_counts_it(tables, tmp_path):
    truths = {f"a-model-with-{fault}": fault for fault in FAULTS}
    verdict.plot(tables, **outputs_in(tmp_path), truths=truths, dpi=50)
    csv = pd.read_csv(outputs_in(tmp_path)["csv"], keep_default_na=False)
    assert csv["verdict"].tolist() == csv["truth"].tolist() == list(FAULTS)
    assert set(csv["balanced_accuracy"].astype(float)) == {1.0}
    verdict.plot(tables, **outputs_in(tmp_path), dpi=50)
    assert "balanced_accuracy" not in pd.read_csv(outputs_in(tmp_path)["csv"])


@pytest.mark.parametrize("count", [1, 2, 5])
def test_nothing_is_cut_off_with_one_model_or_five(count, tmp_path):
    kinds = [*FAULTS, "vision"][-count:]
    whole = pd.concat(
        [diagnosed(fault, relabellings=19).assign(model=f"organism-{n}-{fault}") for n, fault in enumerate(kinds)]
    )
    found = marks.evidence_of(whole)
    verdicts = [
        {"model": model, "truth": model.split("-")[-1]} | verdict.verdict(own)
        for model, own in found.groupby("model", sort=False)
    ]
    with plotting.style():
        drawn = [fig8.draw(found, fig8.tests_of(whole, found, 0)), figa8.draw(marks.injections(whole, 0))]
        drawn.append(verdict.draw(pd.DataFrame(verdicts)))
        assert [cut_off(figure) for figure in drawn] == [[], [], []]
        assert [[title for title in silent(figure) if title] for figure in drawn[:2]] == [[], []]
        assert len(silent(drawn[2])) == (count > 1) and all("balanced" in title for title in silent(drawn[2]))
