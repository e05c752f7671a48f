"""Laws of the figures of swaps: the csv holds every mark, the page shows the csv, and no text is cut off."""

import numpy as np
import pandas as pd
import pytest

from figure_tools import bytes_of, cut_off, silent
from linmech.figures import style as plotting
from linmech.figures.swaps import fig4, figa6_a7, figa14_a15
from linmech.figures.swaps.marks import read_swapped
from swap_tables import swap_table

FIG4 = ("image", "text", "nouns", "last", "relation", "random_text(nouns)")
FIGURES = {
    "fig4": (fig4, fig4.EXPERIMENTS, FIG4),
    "figa6-a7": (figa6_a7, figa6_a7.EXPERIMENTS, ("image", "text", "relation", "nouns")),
    "figa14-a15": (figa14_a15, (figa14_a15.EXPERIMENT,), ("text", "nouns", "neighbours", "random_text(neighbours)")),
}
EFFECTS = {"background": 0.1, "recolour": -0.1, "other-nouns": -0.8, "colour-places": 0.05}


def outputs_in(folder):
    return {name: folder / f"figure.{name}" for name in ("pdf", "png", "csv")}


def tables_of(folder, name, models=("tiny",)):
    _, experiments, selectors = FIGURES[name]
    made = {
        experiment: [
            swap_table(folder, experiment, model, effect=EFFECTS.get(experiment, -2.0), selectors=selectors)
            for model in models
        ]
        for experiment in experiments
    }
    return made if len(made) > 1 else made[experiments[0]]


def draw_of(monkeypatch, name, tables, folder, dpi=50):
    """The pages of a figure, caught before they are saved, and its csv."""
    pages = []
    save = plotting.save_figure

    def keep(figures, *files):
        pages.extend(figures if isinstance(figures, list) else [figures])
        save(figures, *files)

    monkeypatch.setattr(plotting, "save_figure", keep)
    with plotting.style():
        FIGURES[name][0].plot(tables, **outputs_in(folder), dpi=dpi)
    return pages, pd.read_csv(outputs_in(folder)["csv"])


@pytest.mark.parametrize("name", FIGURES)
def test_every_curve_is_the_csvs_and_a_second_run_writes_the_same_bytes(name, monkeypatch, tmp_path):
    tables = tables_of(tmp_path, name)
    (page,), table = draw_of(monkeypatch, name, tables, tmp_path)
    first = bytes_of(outputs_in(tmp_path))
    FIGURES[name][0].plot(tables, **outputs_in(tmp_path), dpi=50)
    assert bytes_of(outputs_in(tmp_path)) == first
    curves = table[table["value"].isin(["share", "delta"]) & (table["selector"] != "donor")]
    drawn = sorted(
        (line.get_label(), *line.get_ydata().round(6))
        for axis in page.axes
        for line in axis.lines
        if line.get_label() in set(curves["selector"])
    )
    known = sorted(
        (selector, *part["estimate"].round(6))
        for (_, _, selector), part in curves.groupby(["experiment", "value", "selector"])
    )
    assert [row[0] for row in drawn] == [row[0] for row in known]
    np.testing.assert_allclose([row[1:] for row in drawn], [row[1:] for row in known], atol=2e-6)


@pytest.mark.parametrize(
    ("name", "count"), [("fig4", 2), ("figa6-a7", 1), ("figa6-a7", 5), ("figa14-a15", 2), ("figa14-a15", 5)]
)
def test_no_text_is_cut_off_with_few_models_and_with_many(name, count, monkeypatch, tmp_path):
    models = [f"organism-number-{number}" for number in range(count)]
    pages, table = draw_of(monkeypatch, name, tables_of(tmp_path, name, models), tmp_path, dpi=plotting.PNG_DPI)
    assert len(pages) == (count if name == "fig4" else 1) and set(table["model"]) == set(models)
    for page in pages:
        assert cut_off(page) == [] and silent(page) == []


def test_the_donors_that_leave_left_and_right_have_no_share_and_stand_on_the_scale_of_the_mirror(monkeypatch, tmp_path):
    (page,), table = draw_of(monkeypatch, "fig4", tables_of(tmp_path, "fig4"), tmp_path)
    assert set(table.loc[table["value"] == "share", "experiment"]) == set(fig4.MIRRORED)
    assert set(table.loc[table["value"] == "delta", "experiment"]) == set(fig4.EXPERIMENTS)
    assert set(table.loc[table["panel"] == "A", "value"]) == {"share", "crossing"}
    assert len({axis.get_ylim() for axis in page.axes[2:]}) == 1
    titles = [axis.get_title(loc="left") for axis in page.axes]
    told = "n = 12, 1 undecided; 100% right [76, 100]"
    assert titles[0] == f"A   picture mirrored\n{told}\nimage and text cross at 2.17 [2.17, 2.17]"
    assert titles[-1] == "other objects\nn = 12, 1 undecided\n100% right [76, 100]"


def test_a_models_own_selector_is_drawn_too(tmp_path):
    path = swap_table(tmp_path, "neighbours", selectors=("text", "nouns"))
    table = pd.read_parquet(path)
    table["selector"] = table["selector"].replace("nouns", "word:left")
    table.to_parquet(path)
    figa14_a15.plot([path], **outputs_in(tmp_path), dpi=50)
    assert set(read_swapped([path], "neighbours")["selector"]) == {"", "text", "word:left"}
    assert "word:left" in set(pd.read_csv(outputs_in(tmp_path)["csv"])["selector"])
