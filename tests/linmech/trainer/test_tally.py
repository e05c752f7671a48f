"""Laws of the tally: it looks back on the last steps only, and goes on from what JSON kept of it."""

import json

from linmech.trainer.tally import SPAN, Tally


def test_accuracies_are_over_the_questions_of_the_last_steps():
    tally = Tally()
    tally.add({"row": [False] * 100})
    for _ in range(SPAN - 2):
        tally.add({"row": [True, False], "column": [True]})
    tally.add({"row": [True] * 4, "exists": []})
    assert tally.accuracies(1) == {"row": 1.0}
    assert tally.accuracies(2) == {"column": 1.0, "row": 5 / 6}
    assert tally.accuracies()["row"] == (SPAN + 2) / (2 * SPAN + 100)
    tally.add({})
    assert tally.accuracies()["row"] == (SPAN + 2) / (2 * SPAN)


def test_a_tally_goes_on_from_what_json_kept():
    tally = Tally()
    for step in range(SPAN + 7):
        tally.add({"row": [step % 3 == 0], "column": [step % 2 == 0]})
    again = Tally(json.loads(json.dumps(tally.recent)))
    for each in (tally, again):
        each.add({"row": [True]})
    assert again.accuracies() == tally.accuracies() and again.recent == tally.recent and len(tally.recent) == SPAN


def test_a_bar_is_told_the_only_kind_or_the_mean_and_the_worst():
    tally = Tally()
    assert tally.told() == ""
    tally.add({"object-patches": [True, True, False, True]})
    assert tally.told() == "object-patches 0.75"
    tally.add({"row": [False, True], "column": [True]})
    assert tally.told() == "mean 0.75, worst row 0.50"
