"""Laws of figure codes: what was put in is named, every layer is in the csv, and what is drawn is what it says."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from figure_tools import bytes_of, cut_off
from linmech.errors import LinmechError
from linmech.figures import codes
from linmech.figures import style as plotting
from linmech.ids.files import Ids, save_ids
from linmech.ids.shape import shape

HIDDEN = 30


def grid(code, layer):
    """IDs of a known code; none before layer 1."""
    draw, place = np.random.default_rng(layer), np.arange(4.0) - 1.5
    cells = {
        "linear": place[:, None, None] * draw.normal(size=HIDDEN) + place[None, :, None] * draw.normal(size=HIDDEN),
        "categorical": draw.normal(size=(4, 4, HIDDEN)),
    }[code]
    return (cells - cells.mean((0, 1))) * (layer > 0)


def ids_file(folder, model, code, layers=(0, 1, 2)):
    found = []
    for layer in layers:
        cells = grid(code, layer)
        told = {"shape": shape(cells, cells, draws=50)}
        found.append(Ids(cells, cells, cells, np.zeros((2, HIDDEN)), layer, model, statistics=told))
    save_ids(folder / f"{model}.h5", found)
    return folder / f"{model}.h5"


@pytest.fixture
def files(tmp_path):
    return [ids_file(tmp_path, "straight", "linear"), ids_file(tmp_path, "cells", "categorical")]


def outputs_in(folder):
    return {name: folder / f"figure.{name}" for name in ("pdf", "png", "csv")}


def test_the_csv_names_the_code_of_every_layer_beside_the_truth(files, tmp_path):
    codes.plot(files, **outputs_in(tmp_path), truths={"straight": "two axes"}, dpi=50)
    table = pd.read_csv(outputs_in(tmp_path)["csv"]).set_index(["model", "layer"])
    assert table["code"].to_dict() == {
        ("straight", 0): "none", ("straight", 1): "linear", ("straight", 2): "linear",
        ("cells", 0): "none", ("cells", 1): "categorical", ("cells", 2): "categorical",
    }  # fmt: skip
    assert set(table.loc["straight", "truth"]) == {"two axes"} and table.loc["cells", "truth"].isna().all()
    assert list(table.groupby("model")["shown"].sum()) == [1, 1]
    first = bytes_of(outputs_in(tmp_path))
    codes.plot(files, **outputs_in(tmp_path), truths={"straight": "two axes"}, dpi=50)
    assert bytes_of(outputs_in(tmp_path)) == first


def test_squares_have_the_colours_of_the_csv_and_no_text_is_cut_off(files):
    table = pd.concat([codes.read_codes(path) for path in files], ignore_index=True).assign(
        truth="what was put in", copied=False
    )
    with plotting.style():
        figure = codes.draw(table)
        assert cut_off(figure) == []
    drawn = [to_hex(patch.get_facecolor()) for patch in figure.axes[0].patches]
    assert drawn == [to_hex(codes.CODES[code]) for code in table["code"]]
    marks = {line.get_color(): line.get_xdata() for line in figure.axes[1].lines}
    np.testing.assert_allclose(marks[codes.MARKS["r2"][1]], table[table["shown"]]["r2"].clip(lower=codes.FLOOR))


def test_models_without_any_ids_are_drawn_too(tmp_path):
    codes.plot([ids_file(tmp_path, "blind", "linear", layers=(0,))], **outputs_in(tmp_path), dpi=50)
    assert list(pd.read_csv(outputs_in(tmp_path)["csv"])["code"]) == ["none"]


def test_files_without_the_statistic_are_named(tmp_path):
    with pytest.raises(LinmechError, match="given no files"):
        codes.plot([], **outputs_in(tmp_path))
    cells = grid("linear", 1)
    save_ids(tmp_path / "old.h5", [Ids(cells, cells, cells, np.zeros((2, HIDDEN)), 1, "old", statistics={"shape": {}})])
    with pytest.raises(LinmechError, match="old.h5: no statistic 'code': delete the file and run derive_ids"):
        codes.read_codes(tmp_path / "old.h5")


def positions_file(folder, model, copied):
    """A table of derive_positions: the tower's own positions foretell cells left out better than smooth ones, or no."""
    left_out = {"own": [0.97 if copied else 0.9], "fourier": [0.93, 0.95]}
    rows = [
        {"layer": layer, "design": design, "draw": draw, "rank": 0, "in_sample": 1.0, "left_out": value}
        for layer in (0, 1, 2)
        for design, values in left_out.items()
        for draw, value in enumerate(values)
    ]
    pd.DataFrame(rows).assign(model=model, positions="table").to_parquet(folder / f"{model}.parquet")
    return folder / f"{model}.parquet"


def test_a_copy_of_the_towers_positions_is_marked_where_there_is_a_code(files, tmp_path, monkeypatch):
    tables = [positions_file(tmp_path, "straight", True), positions_file(tmp_path, "cells", False)]
    codes.plot(files, **outputs_in(tmp_path), positions=tables, dpi=50)
    table = pd.read_csv(outputs_in(tmp_path)["csv"]).set_index(["model", "layer"])
    assert table.index[table["copied"].eq(True)].tolist() == [("straight", 1), ("straight", 2)]
    assert table.index[table["copied"].isna()].tolist() == [("straight", 0), ("cells", 0)], "where there is no code"
    assert table.loc[("cells", 1), ["own_left_out", "smooth_high"]].tolist() == [0.9, 0.95]
    figures, genuine = [], codes.draw
    monkeypatch.setattr(codes, "draw", lambda table: figures.append(genuine(table)) or figures[-1])
    codes.plot(files, **outputs_in(tmp_path), positions=tables, dpi=50)
    with plotting.style():
        assert cut_off(figures[0]) == []
    crosses = [line for line in figures[0].axes[0].lines if line.get_marker() == codes.COPIED]
    assert [line.get_xdata()[0] for line in crosses] == [1, 2]
    pd.DataFrame({"model": ["x"]}).to_parquet(tables[0])
    with pytest.raises(LinmechError, match="run derive_positions again"):
        codes.plot(files, **outputs_in(tmp_path), positions=tables, dpi=50)
