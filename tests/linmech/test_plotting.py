"""Laws of the figures: what is drawn is in the csv, the same numbers give the same bytes, empty tables are errors."""

import itertools

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection
from PIL import Image

import export_sheet
import plot_fig5
import plot_fig5_layers
import plot_fig6
from linmech import plotting
from linmech.composer import Placement, to_json
from linmech.errors import LinmechError
from linmech.ids import SpatialIds, axes_of, save_ids
from linmech.labels import place_labels
from linmech.plane import statistics
from linmech.stimuli import save_dataset

ARMS = ("ids", "noise", "span", "shuffled", "orthogonal")
EXPERIMENTS = {
    "layers": ("left", "right"),
    "left-right": ("left", "right"),
    "near-far": ("near", "far"),
    "in-between": ("yes", "no"),
    "strengths": ("left", "right"),
}


def ids_file(folder, model, layer, reach=1.0):
    draw = np.random.default_rng([layer, len(model)])
    across, down = draw.normal(size=(2, 8))
    place = np.arange(4.0) - 1.5
    grid = (place[:, None, None] * across + place[None, :, None] * down) * (layer > 0)
    words = {"left": -across, "right": across, "above": -down, "below": down}
    words = {word: (reach * vector).astype(np.float32) for word, vector in words.items()}
    path = folder / f"{model}_{layer}.h5"
    found = statistics(grid, grid, draws=3)
    save_ids(path, SpatialIds(grid, grid, grid, axes_of(grid), layer, model, words=words, statistics=found))
    return path


def steering_table(folder, experiment, items=6, model="tiny", layers=(2, 3)):
    """Moving to column 0 raises d by 3 nats per unit of strength/5, to column 3 lowers it; the controls do nothing."""
    first, second = EXPERIMENTS[experiment]
    strengths = (1.0, 5.0) if experiment == "strengths" else (5.0,)
    keys = pd.MultiIndex.from_product(
        [range(items), layers, range(4), strengths, ARMS], names=["number", "layer", "target", "strength", "arm"]
    )
    table = keys.to_frame(index=False)
    effect = np.where(table["arm"] == "ids", (1.5 - table["target"]) * 2 * table["strength"] / 5, 0.0)
    table["delta"] = effect + 0.01 * (table["number"] - 2.5)
    table["item"] = table["number"].astype(str) + "#0"
    table["image"] = table["number"].astype(str)
    table["answer"] = np.where(table["number"] % 2 == 0, first, second)
    table["side"] = np.where(table["number"] // 2 % 2 == 0, "left", "right")
    table["target_relative"] = np.where(table["side"] == "left", table["target"], 3 - table["target"])
    table["delta_sd"] = np.where(table["arm"].isin(["noise", "span"]), 0.3, np.nan)
    table["undecided"] = table["number"] == 0
    table = table.assign(dataset="pairs", experiment=experiment, first=first, second=second).drop(columns="number")
    path = folder / experiment / f"{model}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_parquet(path)
    return path


@pytest.fixture
def outputs(tmp_path):
    return {name: tmp_path / f"figure.{name}" for name in ("pdf", "png", "csv")}


@pytest.fixture
def steered(tmp_path):
    paths = {name.replace("-", "_"): [steering_table(tmp_path, name)] for name in EXPERIMENTS}
    return paths | {"layers": [steering_table(tmp_path, "layers", items=1, layers=range(5))]}


@pytest.fixture(scope="module")
def drawn_once(tmp_path_factory):
    """Figure 6, drawn once: the tables, the outputs and the csv."""
    folder = tmp_path_factory.mktemp("fig6")
    paths = {name.replace("-", "_"): [steering_table(folder, name)] for name in EXPERIMENTS}
    paths |= {"layers": [steering_table(folder, "layers", items=1, layers=range(5))]}
    outputs = {name: folder / f"figure.{name}" for name in ("pdf", "png", "csv")}
    plot_fig6.main(**paths, **outputs, dpi=50)
    return paths, outputs, pd.read_csv(outputs["csv"])


def bytes_of(outputs):
    return {name: path.read_bytes() for name, path in outputs.items()}


def test_fig5_csv_holds_every_cell_and_every_word_at_the_place_where_it_is_drawn(tmp_path, outputs):
    paths = [ids_file(tmp_path, "tiny", layer) for layer in (0, 1, 2)]
    plot_fig5.main(paths, **outputs, dpi=50)
    table = pd.read_csv(outputs["csv"])
    assert set(table["layer"]) == {1, 2}
    cells = table[(table["layer"] == 1) & (table["point"] == "cell")]
    np.testing.assert_allclose(cells["horizontal"], cells["column"] - 1.5, atol=1e-5)
    np.testing.assert_allclose(cells["vertical"], cells["row"] - 1.5, atol=1e-5)
    words = table[(table["layer"] == 1) & (table["point"] == "word")].set_index("word")
    assert set(words.index) == {"left", "right", "above", "below"}
    assert words.loc["left", "horizontal"] < 0 < words.loc["right", "horizontal"]
    assert words.loc["above", "vertical"] < 0 < words.loc["below", "vertical"]
    np.testing.assert_allclose(table["plane_share_held_out"], 1, atol=1e-5)


def test_fig5_marks_lie_where_the_csv_says(tmp_path):
    grid = plot_fig5.read_grid(ids_file(tmp_path, "tiny", 1, reach=40.0))
    axis = plotting.new_figure(2.0, 2.0).add_subplot()
    plot_fig5.draw_panel(axis, grid)
    plotting.draw_words(axis, plot_fig5.scaled_words(grid), grid.points)
    marks = [mark for mark in axis.collections if isinstance(mark, PathCollection)]
    drawn = np.concatenate([mark.get_offsets() for mark in marks])
    table = plot_fig5.numbers(grid).sort_values(["point", "row", "column"], kind="stable")
    np.testing.assert_allclose(drawn, table[["drawn_horizontal", "drawn_vertical"]].to_numpy(), atol=1e-9)


def test_the_top_row_is_drawn_on_top(tmp_path):
    grid = plot_fig5.read_grid(ids_file(tmp_path, "tiny", 1))
    axis = plotting.new_figure(2.0, 2.0).add_subplot()
    plot_fig5.draw_panel(axis, grid)
    top, bottom = axis.transData.transform(grid.points[0, [0, 3]])
    assert top[1] > bottom[1]


def test_far_words_are_scaled_by_a_round_factor_that_the_panel_names(tmp_path):
    grid = plot_fig5.read_grid(ids_file(tmp_path, "tiny", 1, reach=40.0))
    axis = plotting.new_figure(2.0, 2.0).add_subplot()
    plot_fig5.draw_panel(axis, grid)
    assert grid.word_scale == pytest.approx(0.05)
    assert plot_fig5.scale_text(grid) == "words ×0.05"
    near = plot_fig5.read_grid(ids_file(tmp_path, "tiny", 2))
    assert near.word_scale == 1 and plot_fig5.scale_text(near) == ""


def cut_off(figure):
    """The texts that reach over the page's edge by more than a point."""
    plotting.settle(figure)
    page = figure.bbox.padded(figure.dpi / 72)
    texts = [text for legend in figure.legends for text in legend.get_texts()]
    for axis in figure.axes:
        texts += [axis._left_title, axis.xaxis.label, axis.yaxis.label, *axis.texts]
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts if text.get_text()]
    boxes += [(f"ticks of {axis.get_title(loc='left')}", axis.get_tightbbox()) for axis in figure.axes]
    return [words for words, box in boxes if not (page.contains(*box.min) and page.contains(*box.max))]


@pytest.mark.parametrize("models", [("tiny",), ("tiny", "other")])
def test_no_text_of_fig5_is_cut_off_and_every_panel_names_its_layer(models, tmp_path):
    grids = [plot_fig5.read_grid(ids_file(tmp_path, model, layer)) for model in models for layer in (1, 2, 3)]
    with plotting.style():
        figure = plot_fig5.draw(grids)
        assert cut_off(figure) == []
    titles = [axis.get_title(loc="left") for axis in figure.axes]
    assert len(titles) == len(grids)
    for title, grid in zip(titles, grids, strict=True):
        assert f"layer {grid.layer}\nplane 100%" in title


def test_fig5_has_one_scale_in_both_directions_and_shows_every_mark(tmp_path):
    grids = [plot_fig5.read_grid(ids_file(tmp_path, "tiny", layer, reach)) for layer, reach in ((1, 1.0), (2, 3.0))]
    with plotting.style():
        figures = plot_fig5.draw(grids), plot_fig5_layers.draw_page(grids)
    for axis, grid in zip(figures[0].axes + figures[1].axes[-2:], grids * 2, strict=True):
        origin, across, down = axis.transData.transform([[0, 0], [1, 0], [0, 1]])
        assert across[0] > origin[0]
        assert origin[1] - down[1] == pytest.approx(across[0] - origin[0])
        places = plot_fig5.numbers(grid)[["drawn_horizontal", "drawn_vertical"]].to_numpy()
        assert all(axis.get_window_extent().contains(*pixel) for pixel in axis.transData.transform(places))


@pytest.mark.parametrize("models", [("tiny",), ("tiny", "other")])
def test_no_text_of_fig6_is_cut_off_and_every_panel_counts_its_items(models, tmp_path):
    panels = {model: [] for model in models}
    for model, experiment in itertools.product(models, EXPERIMENTS):
        table = plot_fig6.read_tables([steering_table(tmp_path, experiment, model=model)], experiment)
        panels[model] += plot_fig6.make_panels(table, experiment, 0)
    with plotting.style():
        figure = plot_fig6.draw(panels)
        assert cut_off(figure) == []
    assert all("undecided" in axis.get_title(loc="left") for axis in figure.axes)


@pytest.mark.parametrize(("layers", "shown"), [([0, 1, 2, 3, 4], [1, 4]), ([0], [0]), ([3, 7], [3, 7])])
def test_layers_are_spread_over_the_depth(layers, shown):
    assert plot_fig5.spread(layers, 2) == shown


def test_named_layers_are_shown_and_absent_ones_are_an_error(tmp_path):
    grids = [
        plot_fig5.read_grid(ids_file(tmp_path, model, layer)) for model in ("tiny", "other") for layer in (3, 1, 2)
    ]
    chosen = plot_fig5.chosen_grids(grids, {"tiny": [2]}, 2)
    assert [(grid.model, grid.layer) for grid in chosen] == [("tiny", 2), ("other", 1), ("other", 3)]
    with pytest.raises(LinmechError, match="tiny at layer 9"):
        plot_fig5.chosen_grids(grids, {"tiny": [9]}, 2)


@pytest.mark.parametrize("main", [plot_fig5.main, plot_fig5_layers.main])
def test_no_ids_is_an_error(main, outputs):
    with pytest.raises(LinmechError, match="derive_ids"):
        main([], **outputs)
    assert not any(path.exists() for path in outputs.values())


@pytest.mark.parametrize("main", [plot_fig5.main, plot_fig5_layers.main])
def test_figures_of_ids_are_the_same_bytes_again_whatever_the_order_of_the_layers(main, tmp_path, outputs):
    paths = [ids_file(tmp_path, "tiny", layer) for layer in (1, 0)]
    main(paths, **outputs, dpi=50)
    once = bytes_of(outputs)
    main(paths[::-1], **outputs, dpi=50)
    assert bytes_of(outputs) == once
    assert b"CreationDate" not in once["pdf"]


def test_the_supplement_has_a_page_per_model_with_every_layer_and_says_where_there_are_no_ids(tmp_path, outputs):
    paths = [ids_file(tmp_path, model, layer) for model in ("tiny", "other") for layer in (1, 0)]
    plot_fig5_layers.main(paths, **outputs, dpi=50)
    table = pd.read_csv(outputs["csv"])
    assert set(zip(table["model"], table["layer"], strict=True)) == {(m, n) for m in ("tiny", "other") for n in (0, 1)}
    assert table.loc[table["layer"] == 0, "plane_share_held_out"].isna().all()
    assert outputs["pdf"].read_bytes().count(b"/Type /Page ") == 2


def test_fig6_is_the_same_bytes_again(drawn_once, outputs):
    paths, once, _ = drawn_once
    plot_fig6.main(**paths, **outputs, dpi=50)
    assert bytes_of(outputs) == bytes_of(once)


def test_fig6_csv_has_a_row_per_mark_with_its_counts(drawn_once):
    table = drawn_once[2]
    marks = table.groupby("panel").size().to_dict()
    arms = len(ARMS)
    assert marks == {"A": arms * 2 * 5, "B": 2 * arms * 4, "C": 2 * arms * 4, "D": 2 * arms * 4, "E": arms * 2 * 2}
    left = table[(table["panel"] == "B") & (table["split"] == "true answer: left")]
    assert set(left["items"]) == {3} and set(left["undecided"]) == {1} and set(left["layers"]) == {"2, 3"}
    assert (table["low"].isna() | ((table["low"] <= table["estimate"]) & (table["estimate"] <= table["high"]))).all()


def test_delta_is_after_minus_before_of_first_minus_second(drawn_once):
    table = drawn_once[2]
    ids = table[(table["panel"] == "B") & (table["arm"] == "ids")]
    for _, line in ids.groupby("split"):
        np.testing.assert_allclose(line.sort_values("target")["estimate"], [3, 1, -1, -3], atol=0.03)
    controls = table[(table["panel"] == "B") & (table["arm"] != "ids")]
    assert (controls["estimate"].abs() < 0.03).all()


def test_what_is_drawn_in_fig6_is_what_the_csv_says(steered):
    table = plot_fig6.read_tables(steered["left_right"], "left-right")
    panel = next(iter(plot_fig6.make_panels(table, "left-right", 0)))
    axis = plotting.new_figure(3.0, 2.0).add_subplot()
    plot_fig6.draw_panel(axis, panel)
    drawn = [tuple(np.round(np.asarray(line.get_ydata(), float), 9)) for line in axis.lines]
    for _, marks in panel.marks.groupby("arm"):
        assert tuple(np.round(marks.sort_values("x")["estimate"], 9)) in drawn


def test_in_between_counts_targets_from_the_subjects_own_side(steered):
    table = plot_fig6.read_tables(steered["in_between"], "in-between")
    mirrored = table["target"].where(table["side"] == "left", 3 - table["target"])
    table["delta"] = np.where(table["arm"] == "ids", mirrored, 0.0)
    for panel in plot_fig6.make_panels(table, "in-between", 0):
        ids = panel.marks[panel.marks["arm"] == "ids"].sort_values("x")
        np.testing.assert_allclose(ids["estimate"], [0, 1, 2, 3])


def test_one_item_shows_the_spread_over_draws_and_says_so(steered):
    table = plot_fig6.read_tables(steered["layers"], "layers")
    marks = next(iter(plot_fig6.make_panels(table, "layers", 0))).marks
    noise, ids = (marks[marks["arm"] == arm] for arm in ("noise", "ids"))
    np.testing.assert_allclose(noise["high"] - noise["low"], 0.6)
    assert set(noise["interval"]) == {"1 sd over draws"} and set(ids["interval"]) == {"none"}
    assert ids["low"].isna().all()


def test_a_table_without_rows_is_an_error_that_names_it(steered, outputs):
    path = steered["near_far"][0]
    pd.read_parquet(path).iloc[:0].to_parquet(path)
    with pytest.raises(LinmechError, match=f"{path}.*no items"):
        plot_fig6.main(**steered, **outputs)
    assert not any(file.exists() for file in outputs.values())


def test_a_table_without_a_column_or_of_another_experiment_is_an_error(steered):
    path = steered["left_right"][0]
    with pytest.raises(LinmechError, match="not 'near-far'"):
        plot_fig6.read_tables([path], "near-far")
    pd.read_parquet(path).drop(columns="side").to_parquet(path)
    with pytest.raises(LinmechError, match=f"{path}.*'side'"):
        plot_fig6.read_tables([path], "left-right")


def test_several_strengths_where_a_panel_shows_one_are_an_error(steered):
    path = steered["left_right"][0]
    table = pd.read_parquet(path)
    pd.concat([table, table.assign(strength=1.0)]).to_parquet(path)
    with pytest.raises(LinmechError, match=f"{path}.*several strengths"):
        plot_fig6.read_tables([path], "left-right")


def test_labels_hide_neither_each_other_nor_the_points():
    points = np.stack(np.meshgrid(np.arange(4.0), np.arange(4.0)), axis=-1).reshape(-1, 2)
    places = np.array([[0.1, 1.5], [0.2, 1.5], [0.15, 1.6], [0.1, 1.4]])
    words = dict(zip(("left", "right", "above", "below"), places, strict=True))
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


@pytest.fixture
def dataset(tmp_path, monkeypatch):
    monkeypatch.setattr(export_sheet, "TILE", 64)
    sprite = np.full((20, 20, 4), 255, np.uint8)
    sprites = tmp_path / "sprites.npz"
    np.savez(sprites, **{"cat/0": sprite, "mug/0": sprite})
    two = (Placement("cat", 20.0, 32.0, 16.0), Placement("mug", 44.0, 32.0, 16.0))
    images = [f"{number:02d}" for number in range(11)]
    manifest = pd.DataFrame({"image": images, "background": range(11), "size_px": 64, "file": ""})
    manifest["objects"] = to_json(two, [[12.0, 24.0, 28.0, 40.0], [36.0, 24.0, 52.0, 40.0]])
    asked = {
        "kind": "left-right",
        "subject": "cat",
        "reference": "mug",
        "third": "",
        "answer": "left",
        "other": "right",
    }
    questions = pd.DataFrame([asked | {"item": f"{image}#0", "image": image} for image in images])
    save_dataset(tmp_path / "pairs", manifest, questions)
    return tmp_path / "pairs", sprites


def test_a_sheet_shows_as_many_images_as_asked_for_and_no_more_than_there_are(dataset, tmp_path):
    folder, sprites = dataset
    wide = export_sheet.TILE + export_sheet.GAP
    for columns, rows, shape in ((3, 2, (3, 2)), (4, 9, (4, 3)), (20, 1, (11, 1))):
        export_sheet.main(folder, sprites, tmp_path / "sheet.png", columns, rows)
        with Image.open(tmp_path / "sheet.png") as sheet:
            assert (sheet.width - export_sheet.GAP) // wide == shape[0]
            assert round(sheet.height / (wide + export_sheet.LINES * export_sheet.LINE)) == shape[1]


def test_a_sheet_is_the_same_bytes_again(dataset, tmp_path):
    once, again = tmp_path / "once.png", tmp_path / "again.png"
    for path in (once, again):
        export_sheet.main(*dataset, path, 3, 2)
    assert once.read_bytes() == again.read_bytes()


def test_a_sheet_runs_from_the_first_image_to_the_last():
    assert export_sheet.evenly(list("abcdefghi"), 3) == ["a", "e", "i"]
    assert export_sheet.evenly(["a"], 9) == ["a"]


def test_captions_hold_question_and_answer_and_go_round_the_questions(dataset):
    questions = pd.read_parquet(dataset[0] / "questions.parquet").iloc[:2].assign(answer=["left", "right"])
    assert export_sheet.caption(questions, 0) == "Is the cat to the left or right of the mug? —\u00a0left"
    assert export_sheet.caption(questions, 3).endswith("—\u00a0right")


def test_a_dataset_without_images_is_an_error(dataset, tmp_path):
    folder, sprites = dataset
    pd.read_parquet(folder / "manifest.parquet").iloc[:0].to_parquet(folder / "manifest.parquet")
    with pytest.raises(LinmechError, match="manifest.parquet"):
        export_sheet.main(folder, sprites, tmp_path / "sheet.png")
