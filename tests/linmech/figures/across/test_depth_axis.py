"""Laws of the axis of depth: the cosine that was put in comes out with its sign; what is drawn is in the csv."""

import numpy as np
import pandas as pd
import pytest

from figure_tools import bytes_of, cut_off
from linmech.errors import LinmechError
from linmech.figures import style as plotting
from linmech.figures.across import axis_pairs, depth_axis
from linmech.ids.axes import axes_of
from linmech.ids.files import Ids, save_ids
from linmech.ids.plane import statistics

HIDDEN, STEPS, DEPTHS = 12, np.arange(3) - 1.0, np.arange(6) - 2.5


def made(layer: int, model: str, cosine: float, kind: str = "depth") -> Ids:
    """IDs of height and depth whose axes have this cosine, or of a grid along the same height; none at layer 0."""
    draw = np.random.default_rng(0)
    down, apart = np.linalg.qr(draw.normal(size=(HIDDEN, 2)))[0].T
    away = cosine * down + (1 - cosine**2) ** 0.5 * apart
    one, other = (down, away) if kind == "depth" else (apart, down)
    seconds = DEPTHS if kind == "depth" else STEPS
    grid = (STEPS[:, None, None] * one + seconds[None, :, None] * other) * (layer > 0)
    coordinates = ("y:3", "depth:6") if kind == "depth" else ("column", "row")
    told = statistics(grid, grid, draws=5)
    return Ids(grid, grid, grid, axes_of(grid), layer, model, statistics=told, kind=kind, coordinates=coordinates)


def files(folder, models=("tiny",), cosine=-0.4, layers=3):
    """A file of IDs of depth and one of the grid per model."""
    found = {"depth": [], "spatial": []}
    for kind, paths in found.items():
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for model in models:
            paths.append(folder / kind / f"{model}.h5")
            save_ids(paths[-1], [made(layer, model, cosine, kind) for layer in range(layers)])
    return found["depth"], found["spatial"]


def plotted(folder, **how):
    outputs = {end: folder / f"drawn.{end}" for end in ("pdf", "png", "csv")}
    depth_axis.plot(*files(folder, **how), **outputs, dpi=50)
    return outputs


@pytest.mark.parametrize("cosine", [-0.4, 0.0, 0.7])
def test_the_cosine_that_was_put_in_comes_out_with_its_sign_and_none_without_ids(cosine, tmp_path):
    table = pd.read_csv(plotted(tmp_path, cosine=cosine)["csv"])
    found = table[table["layer"] > 0]
    for name in ("cosine_held_out", "cosine_fitted", "cosine_grid"):
        np.testing.assert_allclose(found[name], cosine, atol=1e-6)
        assert table.loc[table["layer"] == 0, name].isna().all()
    np.testing.assert_allclose(found["vertical"], found["height"] - 1, atol=1e-6)
    np.testing.assert_allclose(found["depth_axis"], found["depth"] - 2.5, atol=1e-6)
    assert found["cosine_grid_shuffled_high"].notna().all() and found["cosine_held_out_shuffled_high"].notna().all()


def test_a_second_run_writes_the_same_bytes(tmp_path):
    outputs = plotted(tmp_path, models=("one", "two"))
    before = bytes_of(outputs)
    assert bytes_of(plotted(tmp_path, models=("one", "two"))) == before
    assert len(pd.read_csv(outputs["csv"])) == 2 * 3 * 18


@pytest.mark.parametrize("count", [1, 5])
def test_no_text_is_cut_off(count, tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(plotting, "save_figure", lambda figure, *_: drawn.append(figure))
    plotted(tmp_path, models=[f"organism-{n}-of-some-class" for n in range(count)], layers=9)
    with plotting.style():
        assert [cut_off(figure) for figure in drawn] == [[]]


def test_files_that_cannot_be_drawn_are_named(tmp_path):
    depth, grid = files(tmp_path)
    outputs = {end: tmp_path / f"x.{end}" for end in ("pdf", "png", "csv")}
    with pytest.raises(LinmechError, match="name those of the kind depth"):
        depth_axis.plot(grid, grid, **outputs)
    _, other = files(tmp_path / "other", ["another"])
    with pytest.raises(LinmechError, match="are not of one model and its layers"):
        depth_axis.plot(depth, other, **outputs)
    with pytest.raises(LinmechError, match="at least one model"):
        depth_axis.plot([], [], **outputs)
    assert np.isnan(axis_pairs.cosine(np.zeros(3), np.ones(3)))
