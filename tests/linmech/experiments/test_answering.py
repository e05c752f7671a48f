"""How often a model is right is said with its interval, per data set and kind; guesses are warned of."""

import pandas as pd
import pytest

from linmech.experiments.answering import answered


def table(right: int, wrong: int, dataset: str = "pairs") -> pd.DataFrame:
    """Items of which some lean to their answer, which is the first of the two or the second; two rows each."""
    rows = []
    for n in range(right + wrong):
        first, leans = n % 2 == 0, n < right
        row = {"item": str(n), "image": str(n), "dataset": dataset, "kind": "left-right", "first": "left"}
        row |= {"answer": "left" if first else "right", "d_before": 1.0 if first == leans else -1.0}
        rows += [row | {"undecided": n == 0, "arm": arm} for arm in ("ids", "noise")]
    return pd.DataFrame(rows)


def test_right_answers_are_counted_once_per_item_whichever_word_comes_first():
    (line,) = answered(table(30, 10), "tiny")
    assert line.startswith("tiny, left-right of pairs: 75% of 40 clean answers are right (95 %: 6")
    assert "guessing: 50 %; 1 undecided" in line


@pytest.mark.parametrize(("right", "warned"), [(21, True), (30, False)])
def test_a_model_that_hardly_does_better_than_guesses_is_warned_of(right, warned):
    lines = list(answered(table(right, 40 - right), "tiny"))
    assert len(lines) == 1 + warned and lines[-1].startswith("warning: tiny, left-right of pairs") == warned


def test_every_data_set_has_its_own_line():
    lines = list(answered(pd.concat([table(8, 2, "pairs"), table(9, 1, "scenes")]), "tiny"))
    assert [line.split(":")[0] for line in lines] == ["tiny, left-right of pairs", "tiny, left-right of scenes"]
