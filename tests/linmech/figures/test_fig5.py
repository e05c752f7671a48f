"""Laws of Figure 5, its supplement and what all figures share: what is drawn is what the tables hold."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection

from figure_tools import bytes_of, cut_off
from linmech.errors import LinmechError
from linmech.figures import fig5, fig5_layers, id_grids
from linmech.figures import style as plotting
from linmech.figures.labels import place_labels
from linmech.ids.axes import axes_of
from linmech.ids.files import Ids, save_ids
from linmech.ids.plane import statistics
from linmech.ids.shape import shape


@pytest.fixture
def outputs(tmp_path):
    return {name: tmp_path / f"figure.{name}" for name in ("pdf", "png", "csv")}


def ids_of(model, layer, reach=1.0):
    draw = np.random.default_rng([layer, len(model)])
    across, down = draw.normal(size=(2, 8))
    place = np.arange(4.0) - 1.5
    grid = (place[:, None, None] * across + place[None, :, None] * down) * (layer > 0)
    words = {"left": -across, "right": across, "above": -down, "below": down}
    words = {word: (reach * vector).astype(np.float32) for word, vector in words.items()}
    found = statistics(grid, grid, draws=3) | {"shape": shape(grid, grid, draws=3), "roles_cosine": [1.0, None]}
    words = {"words": words, "seen-words": {word: 1.5 * vector for word, vector in words.items()}}
    return Ids(grid, grid, grid, axes_of(grid), layer, model, words=words, statistics=found)


def panel(folder, model, layer, reach=1.0):
    """The one panel of a file of one layer."""
    (grid,) = fig5.read_grids(ids_file(folder, model, [layer], reach))
    return grid


def ids_file(folder, model, layers, reach=1.0):
    path = folder / f"{model}.h5"
    save_ids(path, [ids_of(model, layer, reach) for layer in layers])
    return path


def test_fig5_csv_holds_every_cell_and_every_word_at_the_place_where_it_is_drawn(tmp_path, outputs):
    paths = [ids_file(tmp_path, "tiny", (0, 1, 2))]
    fig5.plot(paths, **outputs, dpi=50)
    table = pd.read_csv(outputs["csv"])
    assert set(table["layer"]) == {1, 2}
    cells = table[(table["layer"] == 1) & (table["point"] == "cell")]
    np.testing.assert_allclose(cells["horizontal"], cells["column"] - 1.5, atol=1e-5)
    np.testing.assert_allclose(cells["vertical"], cells["row"] - 1.5, atol=1e-5)
    for reading in ("words", "seen-words"):
        words = table[(table["layer"] == 1) & (table["point"] == reading)].set_index("word")
        assert set(words.index) == {"left", "right", "above", "below"}
        assert words.loc["left", "horizontal"] < 0 < words.loc["right", "horizontal"]
        assert words.loc["above", "vertical"] < 0 < words.loc["below", "vertical"]
    for told in ("plane_share_held_out", "r2_held_out", "linear_horizontal", "linear_vertical", "left_out_vertical"):
        np.testing.assert_allclose(table[told], 1, atol=1e-5)
    np.testing.assert_allclose(table["quadratic_horizontal"], 0, atol=1e-5)


def test_fig5_marks_lie_where_the_csv_says(tmp_path):
    grid = panel(tmp_path, "tiny", 1, reach=40.0)
    axis = plotting.new_figure(2.0, 2.0).add_subplot()
    fig5.draw_panel(axis, grid)
    id_grids.draw_words(axis, fig5.scaled_words(grid), grid.points)
    marks = [mark for mark in axis.collections if isinstance(mark, PathCollection)]
    drawn = np.concatenate([mark.get_offsets() for mark in marks])
    table = fig5.numbers(grid).sort_values(["point", "row", "column"], kind="stable")
    np.testing.assert_allclose(drawn, table[["drawn_horizontal", "drawn_vertical"]].to_numpy(), atol=1e-9)


def test_the_top_row_is_drawn_on_top(tmp_path):
    grid = panel(tmp_path, "tiny", 1)
    axis = plotting.new_figure(2.0, 2.0).add_subplot()
    fig5.draw_panel(axis, grid)
    top, bottom = axis.transData.transform(grid.points[0, [0, 3]])
    assert top[1] > bottom[1]


def test_far_words_are_scaled_by_a_round_factor_that_the_panel_names(tmp_path):
    grid = panel(tmp_path, "tiny", 1, reach=40.0)
    axis = plotting.new_figure(2.0, 2.0).add_subplot()
    fig5.draw_panel(axis, grid)
    assert grid.word_scale == pytest.approx(0.02)
    assert fig5.scale_text(grid) == "words ×0.02"
    near = panel(tmp_path, "tiny", 2)
    assert near.word_scale == 1 and fig5.scale_text(near) == ""


@pytest.mark.parametrize("models", [("tiny",), ("tiny", "other")])
def test_no_text_of_fig5_is_cut_off_and_every_panel_names_its_layer(models, tmp_path):
    grids = [panel(tmp_path, model, layer) for model in models for layer in (1, 2, 3)]
    with plotting.style():
        figure = fig5.draw(grids)
        assert cut_off(figure) == []
    titles = [axis.get_title(loc="left") for axis in figure.axes]
    assert len(titles) == len(grids)
    for title, grid in zip(titles, grids, strict=True):
        assert f"layer {grid.layer}\nR² 1.00 (chance" in title


def test_fig5_has_one_scale_in_both_directions_and_shows_every_mark(tmp_path):
    grids = [panel(tmp_path, "tiny", layer, reach) for layer, reach in ((1, 1.0), (2, 3.0))]
    with plotting.style():
        figures = fig5.draw(grids), fig5_layers.draw_page(grids)
    for axis, grid in zip(figures[0].axes + figures[1].axes[-2:], grids * 2, strict=True):
        origin, across, down = axis.transData.transform([[0, 0], [1, 0], [0, 1]])
        assert across[0] > origin[0]
        assert origin[1] - down[1] == pytest.approx(across[0] - origin[0])
        places = fig5.numbers(grid)[["drawn_horizontal", "drawn_vertical"]].to_numpy()
        assert all(axis.get_window_extent().contains(*pixel) for pixel in axis.transData.transform(places))


@pytest.mark.parametrize(("layers", "shown"), [([0, 1, 2, 3, 4], [1, 4]), ([0], [0]), ([3, 7], [3, 7])])
def test_layers_are_spread_over_the_depth(layers, shown):
    assert fig5.spread(layers, 2) == shown


def test_every_model_shows_layers_of_its_own_in_the_order_of_models(tmp_path):
    grids = [
        panel(tmp_path, model, layer) for model, layers in (("tiny", (2,)), ("other", (3, 1, 2))) for layer in layers
    ]
    chosen = fig5.chosen_grids(grids, 2)
    assert [(grid.model, grid.layer) for grid in chosen] == [("tiny", 2), ("other", 1), ("other", 3)]


@pytest.mark.parametrize("main", [fig5.plot, fig5_layers.plot])
def test_no_ids_is_an_error(main, outputs):
    with pytest.raises(LinmechError, match="derive_ids"):
        main([], **outputs)
    assert not any(path.exists() for path in outputs.values())


@pytest.mark.parametrize("main", [fig5.plot, fig5_layers.plot])
def test_figures_of_ids_are_the_same_bytes_again_whatever_the_order_of_the_layers(main, tmp_path, outputs):
    main([ids_file(tmp_path, "tiny", (1, 0))], **outputs, dpi=50)
    once = bytes_of(outputs)
    main([ids_file(tmp_path, "tiny", (0, 1))], **outputs, dpi=50)
    assert bytes_of(outputs) == once
    assert b"CreationDate" not in once["pdf"]


def test_the_supplement_has_a_page_per_model_with_every_layer_and_says_where_there_are_no_ids(tmp_path, outputs):
    paths = [ids_file(tmp_path, model, (1, 0)) for model in ("tiny", "other")]
    fig5_layers.plot(paths, **outputs, dpi=50)
    table = pd.read_csv(outputs["csv"])
    assert set(zip(table["model"], table["layer"], strict=True)) == {(m, n) for m in ("tiny", "other") for n in (0, 1)}
    assert table.loc[table["layer"] == 0, ["plane_share_held_out", "r2_held_out"]].isna().all(axis=None)
    assert outputs["pdf"].read_bytes().count(b"/Type /Page ") == 2


def test_labels_hide_neither_each_other_nor_the_points():
    points = np.stack(np.meshgrid(np.arange(4.0), np.arange(4.0)), axis=-1).reshape(-1, 2)
    places = np.array([[0.1, 1.5], [0.2, 1.5], [0.15, 1.6], [0.1, 1.4]])
    words = list(zip(("left", "right", "above", "left"), places, strict=True))
    figure = plotting.new_figure(3.0, 3.0)
    axis = figure.add_subplot(xlim=(-1, 4), ylim=(4, -1))
    figure.draw_without_rendering()
    place_labels(axis, words, points, points, colour="black")
    boxes = [text.get_window_extent() for text in axis.texts if text.get_text()]
    assert len(boxes) == len(words)
    for number, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:number])
        assert not any(box.contains(*pixel) for pixel in axis.transData.transform(points))


def test_columns_have_different_colours_for_any_number_of_columns():
    for n in (1, 2, 4, 6, 8):
        assert len(set(plotting.column_colours(n))) == n
