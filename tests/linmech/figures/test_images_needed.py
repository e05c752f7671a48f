"""Laws of figure images-needed: the least number that is enough is named in the csv, and is what is drawn."""

import numpy as np
import pandas as pd
import pytest

from figure_tools import bytes_of, cut_off
from linmech.errors import LinmechError
from linmech.figures import images_needed
from linmech.figures import style as plotting
from linmech.ids.files import Ids, save_ids

COUNTS = (50, 100, 200, 400)


def files(folder, model="small", layers=3, dips=()):
    """A table in which layer l needs 100 * 2^(l - 1) images, and the IDs of the same layers; layer 0 has none."""
    rows, found = [], []
    for layer in range(layers):
        told = {
            "reproduced": 0.5 + layer / 10, "r2": 0.9, "r2_shuffled": {"high": 0.2}, "left_out": [0.5], "length": 1.0,
            "contrasts": [[1.0, 0, 0]], "interaction": 0.0, "code": "linear" if layer else "none",
        }  # fmt: skip
        found.append(Ids(*[np.zeros((2, 2, 3))] * 3, np.zeros((2, 3)), layer, model, statistics={"shape": told}))
        for design in ("random", "balanced"):
            for images in COUNTS:
                good = images >= 100 * 2 ** (layer - 1) and images not in dips
                for draw in range(4):
                    cosine = (0.995 if good else 0.9) + draw / 1000 if layer and images > 50 else np.nan
                    rows.append({"design": design, "images": images, "draw": draw, "told": images > 50, "layer": layer,
                                 "cosine": cosine, "unseen": cosine - 0.01, "axis": cosine, "r2": cosine,
                                 "all_images": 1000})  # fmt: skip
    pd.DataFrame(rows).to_parquet(folder / f"{model}.parquet")
    save_ids(folder / f"{model}.h5", found)
    return folder / f"{model}.parquet", folder / f"{model}.h5"


def outputs_in(folder):
    return {name: folder / f"figure.{name}" for name in ("pdf", "png", "csv")}


def test_the_csv_names_the_least_number_by_layer_and_the_figure_is_the_same_again(tmp_path):
    table, ids = files(tmp_path)
    images_needed.plot([table], [ids], **outputs_in(tmp_path), dpi=50)
    found = pd.read_csv(outputs_in(tmp_path)["csv"])
    assert found.groupby("layer")["needed"].first().dropna().to_dict() == {1: 100, 2: 200}
    assert list(found[found["shown"]]["layer"].unique()) == [2]
    assert list(found[found["images"] == 50]["told"].unique()) == [0] and set(found["all_images"]) == {1000}
    first = bytes_of(outputs_in(tmp_path))
    images_needed.plot([table], [ids], **outputs_in(tmp_path), dpi=50)
    assert bytes_of(outputs_in(tmp_path)) == first


def test_a_number_is_enough_only_where_all_larger_ones_are(tmp_path):
    found = images_needed.summed(*files(tmp_path, dips=[200]))
    assert found[found["layer"] == 1]["needed"].iloc[0] == 400
    none = images_needed.summed(*files(tmp_path, dips=[400]))
    assert none["needed"].isna().all()


@pytest.mark.parametrize("count", [1, 5])
def test_curves_are_those_of_the_csv_and_no_text_is_cut_off(tmp_path, count):
    parts = [
        images_needed.summed(*files(tmp_path, f"model-with-a-name-{n}", dips=[400] * (n % 2))) for n in range(count)
    ]
    table = pd.concat(parts, ignore_index=True)
    with plotting.style():
        figure = images_needed.draw(table)
        assert cut_off(figure) == []
    line = figure.axes[0].lines[0]
    own = parts[0][parts[0]["shown"] & (parts[0]["design"] == "random")]
    np.testing.assert_allclose(line.get_ydata(), 1 - own["cosine"])


def test_a_model_without_any_ids_is_drawn_too(tmp_path, recwarn):
    images_needed.plot(*([file] for file in files(tmp_path, layers=1)), **outputs_in(tmp_path), dpi=50)
    assert pd.read_csv(outputs_in(tmp_path)["csv"])["needed"].isna().all() and not recwarn.list


def test_no_table_and_another_table_are_errors(tmp_path):
    with pytest.raises(LinmechError, match="set keep: rows"):
        images_needed.plot([], [], **outputs_in(tmp_path))
    table, ids = files(tmp_path)
    pd.DataFrame({"design": ["random"]}).to_parquet(table)
    with pytest.raises(LinmechError, match="run count_images again"):
        images_needed.summed(table, ids)
