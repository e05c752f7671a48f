"""Laws of Figure 2: beliefs swap where the rule says, what is chosen is measured on other images, all is in the csv."""

import numpy as np
import pandas as pd
import pytest

from exchange_tables import exchange_table
from figure_tools import bytes_of, cut_off, silent
from linmech.errors import LinmechError
from linmech.figures import style as plotting
from linmech.figures.exchange import fig2, marks


def outputs_in(folder):
    return {name: folder / f"figure.{name}" for name in ("pdf", "png", "csv")}


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    """A model that the IDs move, one that they move half as far, one that they do not move; noise turns a tenth."""
    folder = tmp_path_factory.mktemp("exchanged")
    how = {"moved": {"follows": 1.0, "right": 0.8}, "half": {"follows": 0.55}, "still": {"follows": 0.0}}
    return [exchange_table(folder, name, noise=0.1, **kind, seed=n) for n, (name, kind) in enumerate(how.items())]


@pytest.fixture(scope="module")
def found(paths):
    return fig2.make_marks(paths, 0)


def shares(found, model, arm="axis", against=True):
    part = found.curves[(found.curves["model"] == model) & (found.curves["arm"] == arm)]
    return part[part["against"] == against].set_index("size")["estimate"].to_dict()


def test_beliefs_swap_where_the_nouns_have_passed_each_other(found):
    assert shares(found, "moved") == {0.25: 0, 0.5: 0, 1: 1, 2: 1}
    assert shares(found, "half") == {0.25: 0, 0.5: 0, 1: 1, 2: 1}
    assert set(shares(found, "still").values()) == {0}
    for model in ("moved", "half", "still"):
        assert set(shares(found, model, against=False).values()) == {0}, "moved with its belief none swaps"
        assert all(0 <= share < 0.4 for share in shares(found, model, "noise").values())


def test_a_wrong_belief_is_pushed_the_other_way(paths):
    table = marks.read_exchanges(paths[:1])
    wrong = table[~table["right"]]
    assert wrong["item"].nunique() == 8 and ((wrong["dose"] < 0) == wrong["against"]).all()
    pushed = wrong[wrong["against"] & (wrong["arm"] == "axis") & (wrong["layer"] == 2) & (wrong["size"] == 1)]
    assert (pushed["turned"] == 1).all()


def test_the_layer_is_chosen_by_one_half_of_the_images_and_measured_on_the_other(paths):
    table = marks.read_exchanges(paths)
    shown = marks.measured(table, 0)
    assert (shown.loc[shown["model"] != "still", "layer"] == 2).all()
    images = set(shown["image"])
    assert len(images) == pytest.approx(table["image"].nunique() / 2, abs=1)
    spoilt = table.copy()
    inside = spoilt["image"].isin(images) & (spoilt["layer"] == 3) & (spoilt["arm"] == "axis")
    spoilt.loc[inside, "turned"] = 1.0  # what is measured does not choose
    assert (marks.measured(spoilt, 0).query("model != 'still'")["layer"] == 2).all()


def test_ids_are_tested_against_every_control_and_holm_counts_the_models(found):
    tested = found.contrasts.drop_duplicates("model").set_index("model")
    largest = found.contrasts.groupby("model")["p"].max()
    assert tested["p_all"]["moved"] == largest["moved"] < 0.01 and tested["p_all"]["still"] == 1
    assert tested["p_holm"]["moved"] == pytest.approx(min(1, 3 * tested["p_all"]["moved"]), rel=0.4)
    assert set(found.contrasts["arm"]) == {"noise", "covariance"}


def test_the_papers_estimate_finds_an_effect_in_noise_and_ours_does_not(tmp_path):
    rows = [exchange_table(tmp_path, f"m{n}", layers=range(11), follows=0, noise=0.3, seed=n) for n in range(6)]
    for path in rows:  # IDs that are noise too
        table = pd.read_parquet(path)
        twin = table[table["arm"] == "covariance"].assign(arm="axis")
        pd.concat([table[table["arm"] != "axis"], twin]).to_parquet(path)
    found = fig2.make_marks(rows, 0)
    assert (found.paper["best"] == 3).all() and (found.paper["layers"] == 11).all()
    assert (found.paper["null"] > 0.03).all()
    assert found.paper["null"].mean() == pytest.approx(found.paper["estimate"].mean(), abs=0.04)
    ours = found.contrasts[found.contrasts["arm"] == "noise"]
    assert abs(ours["estimate"].mean()) < 0.08


def test_items_are_told_in_five_equally_full_bins_of_distance(found):
    own = found.gaps[(found.gaps["model"] == "moved") & (found.gaps["arm"] == "axis")]
    assert list(own["bin"]) == [1, 2, 3, 4, 5] and own["items"].sum() == found.curves["items"].max()
    assert (own["bin_high"] < own["bin_low"].shift(-1, fill_value=9)).all()


def test_the_csv_has_every_panel_and_counts_who_is_undecided(paths, found, tmp_path):
    fig2.plot(paths, **outputs_in(tmp_path), dpi=50)
    table = pd.read_csv(outputs_in(tmp_path)["csv"])
    assert set(table["panel"]) == set("ABCD") and set(table["model"]) == {"moved", "half", "still"}
    assert table["undecided"].max() <= 1 and (table["items"] > 0).all()
    first = bytes_of(outputs_in(tmp_path))
    fig2.plot(paths, **outputs_in(tmp_path), dpi=50)
    assert bytes_of(outputs_in(tmp_path)) == first
    with plotting.style():
        _, curves = fig2.draw(found)
    drawn = np.concatenate([line.get_ydata() for line in curves.axes[0].lines if len(line.get_xdata()) == 4])
    wanted = found.curves[found.curves["model"] == "moved"]["estimate"]
    np.testing.assert_allclose(np.sort(drawn.astype(float)), np.sort(wanted))


@pytest.mark.parametrize("models", [1, 2, 5, 8])
def test_no_text_is_cut_off(tmp_path, models):
    made = [exchange_table(tmp_path, f"organism-llava-{n}", items=10) for n in range(models)]
    with plotting.style():
        pages = fig2.draw(fig2.make_marks(made, 0))
        assert len(pages) == 1 + -(-models // 6) and [cut_off(page) for page in pages] == [[]] * len(pages)
        assert silent(pages[0]) == ["B   spatial IDs less Gaussian noise"]  # its rows are named at the left
        assert all(len(axis.get_title(loc="left").split("% right")) == 2 for axis in pages[1].axes[: min(models, 3)])


def test_doses_that_cannot_push_against_every_belief_are_told(paths, tmp_path):
    table = pd.read_parquet(paths[0])
    for kept in (table["dose"] > 0, table["dose"].abs() != 1):
        table[kept].to_parquet(tmp_path / "tiny.parquet")
        with pytest.raises(
            LinmechError, match="displacing.experiments.adversarial.exchange has doses .*; give 1, and each"
        ):
            marks.read_exchanges([tmp_path / "tiny.parquet"])
