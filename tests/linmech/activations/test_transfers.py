"""Laws of copies that are on their way: each arrives once, in order, and the next is begun before it is fetched."""

import numpy as np
import torch

from linmech.activations.transfers import Copy, one_ahead


class Event:
    """Stands for a CUDA event; a copy is done when somebody has waited for it."""

    def __init__(self, number: int, log: list):
        self.number, self.log = number, log

    def synchronize(self) -> None:
        self.log.append(f"fetch {self.number}")


def test_copies_arrive_in_order_each_after_the_next_was_begun():
    log = []

    def begun():
        for number in range(3):
            log.append(f"begin {number}")
            yield Copy(torch.tensor([number]), Event(number, log))

    assert [int(found[0]) for found in one_ahead(begun())] == [0, 1, 2]
    assert log == ["begin 0", "begin 1", "fetch 0", "begin 2", "fetch 1", "fetch 2"]


def test_what_is_there_already_is_handed_over_at_once():
    begun = (Copy.of(torch.full((2,), number)) for number in range(3))
    found = one_ahead(begun)
    np.testing.assert_array_equal(next(found), [0, 0])
    assert [int(one[0]) for one in found] == [1, 2] and list(one_ahead([])) == []
