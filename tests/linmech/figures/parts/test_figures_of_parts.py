"""Laws of Figures A18 to A20: what is drawn is in the csv, the layer shown is the most reliable, nothing is cut off."""

import numpy as np
import pandas as pd
import pytest

from figure_tools import bytes_of, cut_off
from linmech.errors import LinmechError
from linmech.figures import style as plotting
from linmech.figures.parts import compared, figa18, marks

POINTS = np.stack(np.meshgrid(np.arange(4.0), np.arange(4.0), indexing="ij"), -1).ravel().tolist()


def outputs_in(folder):
    return {name: folder / f"figure.{name}" for name in ("pdf", "png", "csv")}


def pairs_table(model="tiny", blind=False):
    """Fewer pairs agree less; layer 2 is the best; one draw of one pair leaves a cell open."""
    rows = []
    for layer, quality in ((0, np.nan), (1, 0.6), (2, 0.9)):
        for count in (1, 2, 4, 8, 16):
            for draw in range(3 if count < 16 else 1):
                known = {"layer": layer, "chance": 0.2, "pairs": count, "draw": draw, "model": model}
                if count == 1 and draw == 1:
                    rows.append(known | {"determined": False})
                    continue
                value = np.nan if blind else quality * (1 - 0.1 / count) + 0.01 * draw
                told = {
                    "whole": value,
                    "apart": value - 0.1 if count < 16 else np.nan,
                    "plane_share": value,
                    "r2": value,
                }
                points = {"points": [] if np.isnan(value) else POINTS} if draw == 0 else {}
                rows.append(known | {"determined": True} | told | points)
    return pd.DataFrame(rows)


def parts_table(model="tiny", blind=False, names=("a", "b", "c")):
    """b is like a; c is unlike."""
    rows = []
    for layer, quality in ((0, np.nan), (1, 0.9), (2, 0.6)):
        for one in names:
            for other in names:
                alike = (one == "c") == (other == "c")
                value = np.nan if blind else quality if alike else 0.1
                known = {"layer": layer, "one": one, "other": other, "model": model}
                rows += [known | {"draw": draw, "cosine": value, "plane_share": value / 2} for draw in range(4)]
                whole = {"draw": -1, "cosine": value, "chance": 0.2, "r2": value, "r2_chance": 0.3}
                empty = blind or np.isnan(quality)
                rows.append(known | whole | ({"points": [] if empty else POINTS} if other == names[0] else {}))
    return pd.DataFrame(rows)


def write(tables, folder):
    paths = [folder / f"{number}.parquet" for number in range(len(tables))]
    for path, table in zip(paths, tables, strict=True):
        table.to_parquet(path)
    return paths


def test_the_most_reliable_layer_is_shown_and_open_draws_are_counted():
    found = figa18.reduce(pairs_table())
    assert set(found.loc[found["shown"], "layer"]) == {2}
    apart = found[found["shown"] & (found["what"] == "apart")].set_index("pairs")
    assert apart["undetermined"].to_dict() == {1: 1, 2: 0, 4: 0, 8: 0} and apart.loc[1, "draws"] == 2
    assert apart.loc[8, "estimate"] == pytest.approx(0.9 * (1 - 0.1 / 8) + 0.01 - 0.1)
    assert (apart["low"] <= apart["estimate"]).all() and (apart["estimate"] <= apart["high"]).all()


def test_the_curves_of_a18_are_the_numbers_of_the_csv(tmp_path):
    figa18.plot(write([pairs_table()], tmp_path), **outputs_in(tmp_path), dpi=50)
    table = pd.read_csv(outputs_in(tmp_path)["csv"])
    with plotting.style():
        figure = figa18.draw(table)
    for value, line in zip(("whole", "apart"), figure.axes[1].lines, strict=False):
        part = table[table["shown"] & (table["what"] == value)].sort_values("pairs")
        np.testing.assert_allclose(line.get_ydata(), part["estimate"])
    first = bytes_of(outputs_in(tmp_path))
    figa18.plot(write([pairs_table()], tmp_path), **outputs_in(tmp_path), dpi=50)
    assert bytes_of(outputs_in(tmp_path)) == first


def test_parts_are_compared_both_ways_and_the_ceiling_chooses_the_layer(tmp_path):
    table = parts_table()
    one_way = (table["one"] == "b") & (table["other"] == "a") & (table["layer"] == 1) & (table["draw"] >= 0)
    table.loc[one_way, "cosine"] = 0.5
    found = compared.reduce(table, "a")
    shown = found[found["shown"] & (found["what"] == "cosine")].set_index(["one", "other"])
    assert set(found.loc[found["shown"], "layer"]) == {1} and len(shown) == 6
    assert shown.loc[("a", "b"), "estimate"] == pytest.approx(0.7) and shown.loc[("a", "b"), "draws"] == 8
    assert shown.loc[("a", "c"), "estimate"] == pytest.approx(0.1) and shown.loc[("c", "c"), "estimate"] > 0.8
    compared.plot(write([table], tmp_path), **outputs_in(tmp_path), axes="a", dpi=50)
    csv = pd.read_csv(outputs_in(tmp_path)["csv"])
    with plotting.style():
        figure = compared.draw(csv, ["a", "b", "c"], "a", " px")
    curves = [line.get_ydata() for line in figure.axes[1].lines[:3]]
    np.testing.assert_allclose([curve[0] for curve in curves], [0.9, 0.7, 0.1])


def test_nothing_is_cut_off_with_five_models_of_which_one_has_no_ids(tmp_path):
    models = ["organism-llava", "organism-llava-supervised", "qwen2.5-vl-7b", "gemma-12b"]
    names = ("wording-0", "wording-1", "wording-2", "either")
    with plotting.style():
        tables = [pairs_table(model) for model in models] + [pairs_table("blind", True)]
        assert cut_off(figa18.draw(pd.concat([figa18.reduce(table) for table in tables]))) == []
        tables = [parts_table(model, names=names) for model in models] + [parts_table("blind", True, names)]
        reduced = pd.concat([compared.reduce(table, "wording-0") for table in tables])
        assert cut_off(compared.draw(reduced, names, "wording-0", "")) == []


def test_tables_without_rows_or_columns_are_named(tmp_path):
    with pytest.raises(LinmechError, match="no tables"):
        marks.read([], figa18.COLUMNS, "figure a18")
    (path,) = write([pairs_table().drop(columns="apart")], tmp_path)
    with pytest.raises(LinmechError, match="no column 'apart'"):
        marks.read([path], figa18.COLUMNS, "figure a18")
    (path,) = write([pairs_table()[:0]], tmp_path)
    with pytest.raises(LinmechError, match="no rows"):
        marks.read([path], figa18.COLUMNS, "figure a18")
