"""Laws of Figure 2: layers are chosen on other images, noise gains by the paper's way, all is in the csv."""

import numpy as np
import pandas as pd
import pytest

from figure_tools import bytes_of, cut_off
from linmech.errors import LinmechError
from linmech.figures import ruler_marks as ruler
from linmech.figures import style as plotting
from linmech.figures.across import fig2

GOOD, DOSES = 3, (0.25, 0.5, 1, 2)


def table_of(folder, model="tiny", items=60, layers=range(9), seed=0):
    """Exchanging by IDs turns 90 % at layer GOOD from dose 1 on, 10 % elsewhere; noise turns 10 % at random."""
    draw, rows = np.random.default_rng(seed), []
    for number in range(items):
        for layer in layers:
            for dose in DOSES:
                for arm in ("axis", "noise", "orthogonal"):
                    strong = arm == "axis" and layer == GOOD and dose >= 1
                    turned = float(draw.random() < (0.9 if strong else 0.1))
                    rows.append({"number": number, "layer": layer, "displacement": dose, "arm": arm, "turned": turned})
    table = pd.DataFrame(rows)
    number = table.pop("number")
    table = table.assign(
        dataset="pairs", experiment="exchange", first="left", second="right", tokens="subject+reference", draws=1,
        undecided=number == 0, held_out=False, item=number.astype(str), image=number.astype(str), answer="left",
        truth_after="right", inside=True, gap=0.1 + number / items, d_before=1.0, d_after=1 - 2 * table["turned"],
    )  # fmt: skip
    path = folder / f"{model}.parquet"
    table.to_parquet(path)
    return path


def outputs_in(folder):
    return {name: folder / f"figure.{name}" for name in ("pdf", "png", "csv")}


def test_shares_are_of_the_other_half_at_the_layer_that_was_chosen(tmp_path):
    marks = fig2.make_marks(ruler.read_displaced([table_of(tmp_path)], "exchange"), 0)
    rates = marks.rates.set_index(["arm", "displacement"])
    assert set(marks.rates["layer"]) == {GOOD} and set(rates["images"]) == {30}
    assert rates.loc[("axis", 1), "estimate"] > 0.75 and rates.loc[("axis", 0.25), "estimate"] < 0.3
    test = marks.tests.iloc[0]
    assert 0.5 < test["low"] < test["estimate"] < 1 and test["p_holm"] < 0.01 and test["items"] == 30
    assert len(marks.gaps) == fig2.BINS and marks.gaps["items"].sum() == 30


def test_choosing_and_showing_on_the_same_images_finds_something_in_noise(tmp_path):
    paths = [table_of(tmp_path, f"m{seed}", items=20, seed=seed) for seed in range(12)]
    found = fig2.make_marks(ruler.read_displaced(paths, "exchange"), 0).estimates
    noise = found[found["arm"] == "noise"].pivot(index="model", columns="estimator", values="estimate")
    assert noise["paper"].mean() > 0.12 and noise["ours"].mean() < 0.12
    layers = found[found["arm"] == "noise"].set_index(["model", "estimator"])["layers"]
    assert all(len(layers["m0", kind].split()) == count for kind, count in (("ours", 1), ("paper", 3)))


def test_equal_tables_give_equal_bytes_every_model_is_in_the_csv_and_another_table_is_told(tmp_path):
    paths = [table_of(tmp_path, model) for model in ("a", "b")]
    fig2.plot(paths, **outputs_in(tmp_path), dpi=50)
    first = bytes_of(outputs_in(tmp_path))
    fig2.plot(paths, **outputs_in(tmp_path), dpi=50)
    assert bytes_of(outputs_in(tmp_path)) == first
    csv = pd.read_csv(outputs_in(tmp_path)["csv"])
    assert set(csv["panel"]) == {"rates", "tests", "gaps", "estimates"}
    assert (csv.groupby("panel")["model"].nunique() == 2).all()
    pd.read_parquet(paths[0]).assign(experiment="depths").to_parquet(paths[0])
    with pytest.raises(LinmechError, match="not 'exchange'"):
        fig2.plot(paths, **outputs_in(tmp_path))


@pytest.mark.parametrize("count", [1, 2, 5])
def test_nothing_is_cut_off(count, tmp_path):
    paths = [table_of(tmp_path, f"organism-of-a-family-{n}", items=20) for n in range(count)]
    with plotting.style():
        assert not cut_off(fig2.draw(fig2.make_marks(ruler.read_displaced(paths, "exchange"), 0)))
