"""Laws of what makes planning cheap: names match as if they were written out, signatures stay what they are."""

import inspect
import re
import subprocess
import sys

import pytest

from linmech import planning

NAMES = [
    "llava",
    "llava-supervised",
    "llava-1-5-7b",
    "qwen2-vl",
    "qwen2-5-vl",
    "model-1",
    "model-10",
    "model-2",
    "a",
    "m",
]


@pytest.mark.parametrize("count", range(len(NAMES) + 1))
def test_one_of_some_names_matches_these_and_no_other(count):
    pattern = re.compile(planning.one_of(iter(NAMES[:count])))
    others = ["", "llav", "llava-", "llava-supervised-1", "model-", "model-100", "model-20", "qwen2", "b"]
    wanted = set(NAMES[:count]) or {"none"}
    assert {name for name in [*NAMES, *others, "none"] if pattern.fullmatch(name)} == wanted


def test_of_a_hundred_names_that_begin_alike_the_beginning_is_told_once():
    pattern = planning.one_of(f"lab-model-{number}" for number in range(100))
    assert pattern.count("lab-model-") == 1
    assert all(re.fullmatch(pattern, f"lab-model-{number}") for number in range(100))


def test_it_can_stand_beside_others_in_a_longer_pattern():
    pattern = f"results/(?P<stage>{planning.one_of(['ids', 'images'])})/(?P<model>{planning.one_of(NAMES)})\\.h5"
    assert re.fullmatch(pattern, "results/ids/llava-supervised.h5")["model"] == "llava-supervised"
    assert not re.fullmatch(pattern, "results/i/llava.h5")


def test_a_kept_signature_is_the_function_s_own_and_what_is_no_function_is_left_alone():
    def given(wc, input, *, threads=1):
        return wc, input, threads

    told = inspect.signature(given)
    planning.keep_signatures([given, "text", 3, None])
    assert given.__signature__ == told == inspect.signature(given)
    assert given(1, 2, threads=3) == (1, 2, 3)


def test_nothing_is_freed_at_the_end_of_a_process_that_keeps_all_and_what_was_registered_is_done():
    program = """
import atexit, gc
from linmech.planning import keep_all
class Circle:
    def __init__(self): self.own = self
    def __del__(self): print("freed")
atexit.register(print, "done")
keep_all()
circle = Circle()
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "done\n"
