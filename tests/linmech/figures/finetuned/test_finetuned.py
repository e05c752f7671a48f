"""Laws of Figure A10 and Table 4.3: runs of arms on the same batches, every mark in the csv, nothing cut off."""

import numpy as np
import pandas as pd
import pytest

from figure_tools import bytes_of, cut_off
from linmech.errors import LinmechError
from linmech.figures import style as plotting
from linmech.figures.finetuned import figa10, table43
from linmech.figures.finetuned.tables import ARMS, read

STEPS = (0, 10, 20, 30)
GAIN = {"plain": 0.0, "ids": 0.06, "shuffled": 0.0, "random": -0.02, "places": 0.03}


def outputs_in(folder):
    return {name: folder / f"figure.{name}" for name in ("pdf", "png", "csv")}


def run_of(arm: str, run: int, experiment: str = "spatial-ids", model: str = "tiny", gain=GAIN) -> pd.DataFrame:
    draw = np.random.default_rng([list(ARMS).index(arm), run])
    common = np.random.default_rng(run)
    rows = []
    for step in STEPS:
        for dataset in ("untied", "hard"):
            value = 0.7 + 0.1 * step / 30 + gain[arm] * step / 30 + common.normal(0, 0.01) + draw.normal(0, 0.004)
            rows.append((step, "validation", dataset, "accuracy", value, 100))
    for step in range(1, STEPS[-1] + 1):
        rows.append((step, "train", "", "answer", 0.5 * np.exp(-step / 10), 1))
        rows.append((step, "train", "", "ids", 1 - (0.6 if arm == "ids" else 0.1) * step / 30, 1))
    rows.append((20, "chosen", "", "step", 20.0, 0))
    rows += [(20, "test", dataset, "accuracy", 0.75 + gain[arm], 400) for dataset in ("untied", "hard")]
    table = pd.DataFrame(rows, columns=["step", "what", "dataset", "measure", "value", "items"])
    return table.assign(experiment=experiment, model=model, arm=arm, run=run, batches=f"batches {run}")


@pytest.fixture
def tables(tmp_path):
    def write(runs: int = 5, **named):
        paths = []
        for arm in ARMS:
            for run in range(runs):
                paths.append(tmp_path / f"{named.get('experiment', '')}-{arm}-{run}.parquet")
                run_of(arm, run, **named).to_parquet(paths[-1])
        return paths

    return write


@pytest.mark.parametrize("figure", [figa10, table43])
def test_equal_tables_give_equal_bytes_and_tables_of_something_else_are_told(figure, tables, tmp_path):
    paths = tables()
    figure.plot(paths, **outputs_in(tmp_path), dpi=50)
    first = bytes_of(outputs_in(tmp_path))
    figure.plot(paths[::-1], **outputs_in(tmp_path), dpi=50)
    assert bytes_of(outputs_in(tmp_path)) == first
    pd.DataFrame({"item": ["a"]}).to_parquet(paths[0])
    with pytest.raises(LinmechError, match="run finetune_model again"):
        figure.plot(paths, **outputs_in(tmp_path))
    with pytest.raises(LinmechError, match="at least one run"):
        figure.plot([], **outputs_in(tmp_path))


def test_arms_that_saw_other_batches_are_not_compared(tables):
    paths = tables()
    pd.read_parquet(paths[3]).assign(batches="others").to_parquet(paths[3])
    with pytest.raises(LinmechError, match="run 3: its arms saw other batches"):
        read(paths)


def test_the_csv_has_every_curve_and_the_losses_between_validations(tables, tmp_path):
    figa10.plot(tables(), **outputs_in(tmp_path), dpi=50)
    csv = pd.read_csv(outputs_in(tmp_path)["csv"], keep_default_na=False)
    a, b, c, d = (csv[csv["panel"] == panel] for panel in "ABCD")
    assert len(a) == 5 * 4 * 3 and set(a["share"]) == {0, 1 / 3, 2 / 3, 1} or len(set(a["share"])) == 4
    assert len(b) == len(c) == 5 * 4 and set(b["step"]) == set(STEPS) and len(d) == 5 * 3
    at = b[(b["arm"] == "ids") & (b["step"] == 10)].iloc[0]
    assert at["estimate"] == pytest.approx(0.5 * np.exp(-np.arange(1, 11) / 10).mean())
    assert b[(b["arm"] == "ids") & (b["step"] == 0)]["estimate"].item() == pytest.approx(0.5 * np.exp(-0.1))
    assert (d[d["dataset"] == "all"]["items"] == 800).all() and (d["runs"] == 5).all()
    ends = c[c["step"] == 30].set_index("arm")["estimate"].astype(float)
    assert ends["ids"] < ends["shuffled"] - 0.3


def test_a_gain_that_is_there_is_found_and_one_that_is_not_is_not(tables, tmp_path):
    table43.plot(tables(), **outputs_in(tmp_path), dpi=50)
    csv = pd.read_csv(outputs_in(tmp_path)["csv"]).set_index(["measure", "arm"])
    own = csv.loc[("area", "ids")]
    assert own["difference"] == pytest.approx(0.03, abs=0.01) and own["difference_low"] > 0 and own["p_holm"] < 0.05
    assert own["flips"] == 2 / 2**5
    none = csv.loc[("area", "shuffled")]
    assert none["difference_low"] < 0 < none["difference_high"] and none["p_holm"] > 0.05
    against = csv.loc[("area", "ids less shuffled")]
    assert against["difference"] == pytest.approx(own["difference"] - none["difference"])
    assert csv.loc[("steps", "ids")]["estimate"] < csv.loc[("steps", "plain")]["estimate"]
    assert csv.loc[("steps", "ids")]["reached"] == 5 and np.isnan(csv.loc[("area", "plain")]["p"])
    assert csv.loc[("test", "places")]["difference"] == pytest.approx(0.03)


@pytest.mark.parametrize("runs", [1, 2, 8])
def test_no_text_is_cut_off_with_one_experiment_or_two(tables, runs):
    table = read(tables(runs) + tables(runs, experiment="photographs", model="another-model"))
    for figure in (figa10, table43):
        with plotting.style():
            for _, own in figure.make_marks(table).groupby("experiment"):
                assert cut_off(figure.draw(own)) == []
