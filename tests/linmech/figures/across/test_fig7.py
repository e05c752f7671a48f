"""Laws of Figure 7: the ratio that was put in comes out, of the same scenes; what is drawn is what the csv says."""

import numpy as np
import pandas as pd
import pytest

from figure_tools import bytes_of, cut_off, silent
from linmech.errors import LinmechError
from linmech.figures import fig5
from linmech.figures import ruler_marks as ruler
from linmech.figures import style as plotting
from linmech.figures.across import compared, fig7, marks
from linmech.ids.axes import axes_of
from linmech.ids.files import Ids, load_ids, save_ids
from linmech.ids.plane import statistics
from linmech.ids.shape import shape

STEPS = (-2.0, -1.0, 1.0, 2.0)
ANSWERS = {"above-below": ("above", "below"), "front-behind": ("front", "behind")}
GOOD = 2  # the layer at which the explored images are answered by the rule


RUNS = 19


def table_of(folder, experiment, crossed=-0.5, scenes=range(10), model="tiny", layers=(GOOD,), steps=STEPS, runs=RUNS):
    """Above/below: d = -(gap + displacement) at layer GOOD; front/behind moves `crossed` times as far; noise none.

    Relabelled cells, by 2: run n moves n / 20 as far as the IDs do, and half of them the other way.
    """
    kind = "above-below" if experiment == "depths" else experiment.removesuffix("-by-row")
    first, second = ANSWERS[kind]
    names = ["number", "layer", "displacement", "arm", "relabelling"]
    keys = pd.MultiIndex.from_product([scenes, layers, steps, ("axis", "noise"), (0,)], names=names)
    far = pd.MultiIndex.from_product([scenes, layers, (-2.0, 2.0), ("relabelled",), range(1, runs + 1)], names=names)
    table = pd.concat([keys.to_frame(index=False), far.to_frame(index=False)], ignore_index=True)
    gap = np.where(table["number"] % 2 == 0, -1.0, 1.0) * (0.65 + 0.1 * table["number"])
    by_run = table["relabelling"] / 20 * np.where(table["relabelling"] % 2, 1, -1)
    far = table["arm"].map({"axis": 1.0, "noise": 0.0}).fillna(by_run)
    moves = -table["displacement"] * far * (table["layer"] == GOOD)
    depth = np.where(table["number"] % 3 == 0, 1.5, -1.5)
    before, delta = (-gap, moves) if kind == "above-below" else (depth, crossed * moves)
    ruled = gap + table["displacement"]
    true = np.where(before > 0, first, second)
    table["truth_after"] = np.where(ruled < 0, first, second) if kind == "above-below" else true
    table["answer"], table["gap"], table["inside"] = true, gap, ruled.between(-2, 2)
    table["d_before"], table["delta"], table["d_after"] = before, delta, before + delta
    table["turned"] = ((before + delta) * before < 0).astype(float)
    number = table.pop("number").astype(str)
    table = table.assign(
        dataset="untied", experiment=experiment, kind=kind, first=first, second=second, tokens="subject", draws=1,
        undecided=False, held_out=False, item=number + f"#{kind}", image=number,
    )  # fmt: skip
    path = folder / experiment / f"{model}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_parquet(path)
    return path


def ids_file(folder, model="tiny", words=fig7.WORDS):
    draw, found = np.random.default_rng(0), []
    column, row = np.indices((4, 4))[..., None] - 1.5
    grid = column * draw.normal(size=20) + row * draw.normal(size=20)
    told = statistics(grid, grid, draws=5) | {"shape": shape(grid, grid, draws=5), "roles_cosine": None}
    read = {name: {word: draw.normal(size=20) for word in words} for name in ("seen-words", "words")}
    found = [Ids(grid, grid, grid, axes_of(grid), layer, model, words=read, statistics=told) for layer in range(4)]
    path = folder / "ids" / f"{model}.h5"
    path.parent.mkdir(parents=True, exist_ok=True)
    save_ids(path, found)
    return path


def inputs_in(folder, models=("tiny",), crossed=(-0.5,)):
    tables = {
        name: [
            table_of(folder, name, ratio, model=model, layers=(1, GOOD))
            for model, ratio in zip(models, crossed, strict=True)
        ]
        for name in fig7.EXPERIMENTS
    }
    depths = [table_of(folder, "depths", model=model, layers=range(4)) for model in models]
    return tables, depths, [ids_file(folder, model) for model in models]


def outputs_in(folder):
    return {name: folder / f"figure.{name}" for name in ("pdf", "png", "csv")}


def read(folder, chance=False, **how):
    tables = {name: [table_of(folder, name, **how)] for name in fig7.EXPERIMENTS}
    return list(
        marks.same_scenes({
            name: ruler.read_displaced(paths, name, chance=chance) for name, paths in tables.items()
        }).values()
    )  # fmt: skip


def block_of(folder, **how):
    tables, chance = read(folder, **how), read(folder, chance=True, **how)
    return fig7.make_block("tiny", GOOD, tables, chance, load_ids(ids_file(folder))[GOOD], 0)


@pytest.mark.parametrize("crossed", [-0.8, 0.0, 0.5])
def test_the_ratio_is_the_share_that_was_put_in(tmp_path, crossed):
    above, front = read(tmp_path, crossed=crossed)
    chance = read(tmp_path, chance=True, crossed=crossed)
    found = marks.crossover(above, front, chance[0], 0)
    assert found["p"] == 0.05 and marks.ratio_by_chance(*chance) == pytest.approx(crossed)
    assert (found["estimate"], found["low"], found["high"]) == pytest.approx((crossed,) * 3) and found["moves"]
    cells = marks.effects(pd.concat([above, front]), ["kind", "arm"], 0).set_index(["kind", "arm"])["estimate"]
    assert cells["above-below", "axis"] == pytest.approx(-1) and (cells[:, "noise"] == 0).all()
    assert cells["front-behind", "axis"] == pytest.approx(-crossed)


def test_where_above_and_below_do_not_move_there_is_no_ratio(tmp_path):
    still, chance = read(tmp_path, layers=(1,)), read(tmp_path, chance=True, layers=(1,))
    found = marks.crossover(*still, chance[0], 0)
    assert not found["moves"] and found["p"] == 1 and np.isnan(marks.ratio_by_chance(*chance))


def test_what_relabelled_cells_do_too_is_no_motion_by_height(tmp_path):
    (above, front), (chance, _) = read(tmp_path), read(tmp_path, chance=True)
    third = chance["relabelling"] == 3
    chance.loc[third, "delta"] = 5.0
    assert marks.crossover(above, front, chance, 0)["moves"], "what is the same both ways is no motion"
    chance.loc[third, "delta"] *= np.sign(chance["displacement"])
    found = marks.crossover(above, front, chance, 0)
    assert not found["moves"] and found["p"] == 0.1
    told = marks.chances(chance, ["kind"]).iloc[0]
    assert told["p"] == 0.1 and told["relabellings"] == RUNS and told["low"] < 0 < told["high"]


def test_tables_without_relabelled_cells_are_named(tmp_path):
    with pytest.raises(LinmechError, match=r"tiny.parquet: holds no relabelled cells: give displacing\.experiments"):
        read(tmp_path, chance=True, runs=0)


def test_only_scenes_that_both_questions_ask_about_count(tmp_path):
    paths = [table_of(tmp_path, name, scenes=range(n, 10)) for n, name in enumerate(fig7.EXPERIMENTS)]
    tables = {name: ruler.read_displaced([path], name) for name, path in zip(fig7.EXPERIMENTS, paths, strict=True)}
    shared = marks.same_scenes(tables)
    images = [set(table["image"]) for table in shared.values()]
    assert images[0] == images[1] == {f"untied/{n}" for n in range(1, 10)}
    tables[fig7.EXPERIMENTS[1]] = tables[fig7.EXPERIMENTS[1]].assign(image="untied/else")
    with pytest.raises(LinmechError, match=r"front-behind-by-row ask about no image in common \(tiny\)"):
        marks.same_scenes(tables)


def test_other_displacements_or_layers_cannot_be_compared(tmp_path):
    for how, word in ({"steps": (-1.0, 1.0)}, "displacements"), ({"layers": (1,)}, "layers"):
        paths = [table_of(tmp_path, fig7.EXPERIMENTS[0]), table_of(tmp_path, fig7.EXPERIMENTS[1], **how)]
        tables = {name: ruler.read_displaced([path], name) for name, path in zip(fig7.EXPERIMENTS, paths, strict=True)}
        with pytest.raises(LinmechError, match=f"differ in their {word}: give both the same"):
            marks.same_scenes(tables)


def test_the_rule_asks_height_for_no_turn_of_front_and_behind(tmp_path):
    turned = block_of(tmp_path, crossed=0.0).turned.set_index(["kind", "need", "arm"])["estimate"]
    assert turned["above-below", "turn", "axis"] == 1 and turned["above-below", "stay", "axis"] == 0
    assert turned["front-behind", "stay", "axis"] == 0 and ("front-behind", "turn", "axis") not in turned.index


def test_the_words_of_depth_are_told_along_the_axis_of_height(tmp_path):
    found = load_ids(ids_file(tmp_path))[GOOD]
    down = found.axes[1]
    read = dict(zip(fig7.WORDS, (-down, down, 2 * down, -2 * down), strict=True))
    grid = fig5.grid_of(Ids(**vars(found) | {"words": {"words": read}}), fig7.WORDS)
    assert fig7.spans(grid.words["words"]) == pytest.approx({"above_to_below": 2, "front_to_behind": -4})
    assert fig7.spans({"above": np.zeros(2)}) == {}


def test_the_csv_holds_every_panel_and_what_is_known(tmp_path):
    fig7.plot(*inputs_in(tmp_path, "ab", (-0.5, 0.0)), **outputs_in(tmp_path), rhos={"a": 0.97}, dpi=50)
    csv = pd.read_csv(outputs_in(tmp_path)["csv"])
    assert set(csv["panel"]) == set("ABCDE") and (csv["chosen_layer"] == GOOD).all()
    shown = csv[(csv["panel"] == "A") & (csv["shown"] == True)].set_index("model")  # noqa: E712
    assert shown["estimate"].to_dict() == pytest.approx({"a": -0.5, "b": 0}) and set(shown["layer"]) == {GOOD}
    assert shown.loc["a", "rho"] == 0.97 and np.isnan(shown.loc["b", "rho"]) and (shown["images"] == 10).all()
    first = bytes_of(outputs_in(tmp_path))
    fig7.plot(*inputs_in(tmp_path, "ab", (-0.5, 0.0)), **outputs_in(tmp_path), rhos={"a": 0.97}, dpi=50)
    assert bytes_of(outputs_in(tmp_path)) == first


def test_what_is_drawn_is_what_the_csv_says_and_no_text_is_cut_off(tmp_path):
    block = block_of(tmp_path)
    with plotting.style():
        page = fig7.draw(block)
        assert cut_off(page) == []
        assert [title.split(":")[0] for title in silent(page)] == [fig7.words_text(block.words).split(":")[0]]
        lines = [line for line in page.axes[0].lines if len(line.get_xdata()) == len(STEPS)]
        drawn = np.sort(np.concatenate([line.get_ydata() for line in lines]).astype(float))
        np.testing.assert_allclose(drawn, np.sort(block.doses["estimate"]))
        ratios = pd.concat([block.ratios.assign(model=f"model-{n}") for n in range(5)])
        for rhos in {}, {"model-0": 0.5, "model-1": 0.5, "model-4": 0.97}:
            first = compared.draw(ratios, rhos)
            assert cut_off(first) == [] and len(first.axes) == 1 + bool(rhos)
            assert silent(first) == ["models of which ρ is known"] * bool(rhos)


def test_a_model_without_ids_is_named(tmp_path):
    tables, depths, _ = inputs_in(tmp_path)
    with pytest.raises(LinmechError, match="no file of IDs of model tiny: run derive_ids"):
        fig7.plot(tables, depths, [], **outputs_in(tmp_path))
