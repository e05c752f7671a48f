"""What makes a plan of thousands of jobs cheaper and leaves it as it is: no rule asks anything else for it."""

import atexit
import gc
import inspect
import os
from collections.abc import Iterable
from itertools import groupby


def keep_all() -> None:
    """Let this process seldom look for garbage in what makes a plan, and not at its end: nearly all of it stays."""
    gc.set_threshold(100_000, 50, 100)
    atexit.register(gc.freeze)


def keep_signatures(functions: Iterable[object]) -> None:
    """Let functions carry their signatures, which Snakemake else has made anew at each call; what cannot be called is
    left alone.
    """
    for function in filter(callable, functions):
        function.__signature__ = inspect.signature(function)


def one_of(names: Iterable[str]) -> str:
    """A regular expression of these names, "none" of none. What names begin with alike stands in it once: Snakemake
    compiles it for every output, log and benchmark of a rule.
    """
    return _alternatives(sorted(set(names))) or "none"


def _alternatives(words: list[str]) -> str:
    parts = []
    for _, each in groupby(words, key=lambda word: word[:1]):
        alike = list(each)
        start = os.path.commonprefix(alike)
        rest = f"(?:{_alternatives([word[len(start) :] for word in alike])})" if len(alike) > 1 else ""
        parts.append(start + rest)
    return "|".join(parts)
