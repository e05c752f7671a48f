"""Laws of the table that sets the paper's numbers beside ours."""

import pandas as pd
import pytest

from linmech.errors import LinmechError
from linmech.figures.paper.beside import ALL, COLUMNS, TABLES, compare
from linmech.figures.paper.numbers import FINETUNED, READ_AND_ADDED, STEPS, TABLE_1, TABLE_2, printed

LAYERS = {"llava-7b": 32, "ours": 8}
ENDS = {"low": 0.1, "high": 0.9, "items": 50}


def tables(folder, models=tuple(LAYERS)):
    """The tables as their figures write them, each value another one; their paths by name."""
    exchanged, injected, words, placed = [], [], [], []
    for number, model in enumerate(models):
        at = {"model": model, "panel": "A", "against": True, "size": 1.0}
        for arm, share in (("axis", 0.6 + 0.2 * number), ("noise", 0.1)):
            exchanged += [at | {"arm": arm, "estimate": share} | ENDS, at | {"arm": arm, "size": 2.0} | ENDS]
        exchanged += [{"model": model, "panel": "B", "what": "ours", "arm": "noise", "estimate": 0.5 + 0.2 * number}]
        for layer in range(LAYERS[model] + 1):
            right = {"true": 0.8 + 0.001 * layer, "none": 0.7}
            injected += [{"model": model, "layer": layer, "arm": arm, "estimate": right[arm]} | ENDS for arm in right]
        for place, experiment in enumerate(READ_AND_ADDED):
            words += [{"model": model, "experiment": experiment, "arm": "ids", "estimate": 0.1 * place} | ENDS]
        known = {"model": model, "design": "own", "what": "in_sample", "items": 64}
        placed += [known | {"rank": rank, "shown": True, "estimate": 0.1 * rank} for rank in (2, 3)]
        placed += [known | {"rank": rank, "shown": False, "estimate": 0.9} for rank in (2, 3)]
    learned = [
        {"panel": panel, "experiment": "spatial-ids", "model": models[0], "arm": arm, "dataset": dataset}
        | {"share": share, "estimate": 0.5 + 0.1 * share} | ENDS
        for panel, dataset in (("A", "all"), ("A", "untied"), ("B", ""), ("C", ""))
        for arm in ("plain", "ids")
        for share in (0, 0.25, 0.5, 0.75, 1)
    ]  # fmt: skip
    found = {"fig2": exchanged, "figa8": injected, "tablec1": words, "figa10": learned, "figa21": placed}
    for row in placed:
        row |= {"low": None, "high": None}
    for name, rows in found.items():
        pd.DataFrame(rows).to_csv(folder / f"{name}.csv", index=False)
    return {name: folder / f"{name}.csv" for name in found}


def compared(folder, models=tuple(LAYERS)) -> tuple[pd.DataFrame, str]:
    csv, page = folder / "out.csv", folder / "out.html"
    compare(tables(folder, models), csv, page, {model: LAYERS[model] for model in models})
    return pd.read_csv(csv), page.read_text()


def test_every_number_of_the_papers_tables_is_there_once_per_model(tmp_path):
    assert set(TABLES) == set(tables(tmp_path))
    numbers = list(printed())
    assert len({(number.what, number.model) for number in numbers}) == len(numbers)
    inside = sum(map(len, (*TABLE_1.values(), *TABLE_2.values()))) + len(FINETUNED) * len(STEPS)
    assert len(numbers) == inside + 6  # and those of the text: Fig 4B's, three of Fig 2, two of A8


def test_ours_of_the_papers_model_stands_beside_its_number_and_others_are_told_apart(tmp_path):
    table, _ = compared(tmp_path)
    assert list(table) == COLUMNS
    own = table[table["where"].str.startswith("C.1") & (table["paper_model"] == "LLaVA1.5-7B")]
    assert own["paper"].astype(float).drop_duplicates().tolist() == list(TABLE_1["llava-7b"])
    same, other = own[own["same_model"]], own[~own["same_model"]]
    assert same["ours"].tolist() == pytest.approx([0, 10, 20, 30]) and set(same["model"]) == {"llava-7b"}
    assert set(other["model"]) == {"ours"} and same["low"].tolist() == [10.0] * 4
    oracle = table[table["what"].str.contains("layer 1") & table["same_model"]].iloc[0]
    assert oracle["ours"] == pytest.approx(100 * (0.801 - 0.7)) and oracle["paper"] == "13.4"
    positions = table[table["what"].str.contains("positions") & table["same_model"] & (table["model"] == "llava-7b")]
    assert positions["ours"].tolist() == pytest.approx([0.2, 0.3]) and positions["low"].isna().all()
    half = table[table["what"].str.contains("half") & (table["model"] == "ours")].iloc[0]
    assert half["ours"] == pytest.approx(100 * (0.804 - 0.7)), "layer 4 of 8"


def test_models_that_were_not_run_are_left_blank(tmp_path):
    table, page = compared(tmp_path, ("ours",))
    assert table.loc[table["same_model"], "ours"].isna().all() and not table["same_model"].all()
    assert "not run" in page and "LLaVA1.5-7B" in page


def test_finetuning_is_told_of_the_models_that_were_finetuned_and_left_open_where_it_is_not_run(tmp_path):
    table, _ = compared(tmp_path)
    right = table[table["what"] == "finetuning, accuracy on COCO-Spatial, control, step 1600"]
    assert list(right["model"]) == ["qwen2-2b", "llava-7b"] and right["ours"].tolist()[1] == pytest.approx(0.55)
    found = {name: path for name, path in tables(tmp_path).items() if name != "figa10"}
    compare(found, tmp_path / "out.csv", tmp_path / "out.html", LAYERS)
    without = pd.read_csv(tmp_path / "out.csv")
    assert without[without["where"] == "4.3"]["ours"].isna().all() and (without["where"] == "4.3").sum() == 25


def test_a_finetuning_that_was_validated_at_other_steps_is_left_blank_there(tmp_path):
    found = tables(tmp_path)
    table = pd.read_csv(found["figa10"])
    table[table["share"] != 0.25].to_csv(found["figa10"], index=False)
    compare(found, tmp_path / "out.csv", tmp_path / "out.html", LAYERS)
    rows = pd.read_csv(tmp_path / "out.csv")
    rows = rows[rows["where"] == "4.3"]
    blank = rows["what"].str.endswith("step 800")
    assert blank.sum() == 5 and rows.loc[blank, "ours"].isna().all() and "llava-7b" not in set(rows.loc[blank, "model"])
    assert rows.loc[~blank & (rows["model"] == "llava-7b"), "ours"].notna().all()
    table.assign(share=0.5).to_csv(found["figa10"], index=False)
    with pytest.raises(LinmechError, match=r"figa10.csv: \d+ rows of llava-7b with .*, not one"):
        compare(found, tmp_path / "out.csv", tmp_path / "out.html", LAYERS)


def test_what_is_told_of_all_models_is_their_median_or_mean(tmp_path):
    table, page = compared(tmp_path)
    whole = table[table["model"] == ALL].set_index("what")["ours"]
    assert whole["beliefs swapped by spatial IDs, median of models"] == pytest.approx(70)
    assert whole["beliefs swapped by spatial IDs less those by noise, mean of models"] == pytest.approx(60)
    own = table[table["what"].str.startswith("beliefs swapped by spatial IDs, median") & (table["model"] == "ours")]
    assert own["ours"].tolist() == pytest.approx([80]) and own["high"].tolist() == [90]
    assert "64.6 %" in page and page.count("<tr>") == 1 + len(list(printed()))


def test_a_table_without_the_row_is_told(tmp_path):
    found = tables(tmp_path)
    table = pd.read_csv(found["figa8"])
    table[table["layer"] != 1].to_csv(found["figa8"], index=False)
    with pytest.raises(LinmechError, match=r"figa8.csv: 0 rows of ours with arm = true, layer = 1, not one"):
        compare(found, tmp_path / "out.csv", tmp_path / "out.html", LAYERS)
    assert not (tmp_path / "out.csv").exists()
