"""Random generators that depend on a seed and on what is drawn, never on the order of work or on Python's hash()."""

import hashlib

import numpy as np


def rng(seed: int, *key: object) -> np.random.Generator:
    """A generator for the item that `key` names, e.g. `rng(config_seed, "noise", item, draw)`.

    The same seed and key give the same numbers in every process and in any order of work.
    """
    return np.random.default_rng(int.from_bytes(digest(seed, *key)[:16], "little"))


def integer(seed: int, *key: object) -> int:
    """A 63-bit integer seed derived from `seed` and `key`, for libraries that want a plain integer."""
    return int.from_bytes(digest(seed, *key)[:8], "little") >> 1


def digest(*parts: object) -> bytes:
    """SHA-256 of the parts' text, with separators that keep ("a", "b") and ("ab",) apart."""
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).digest()
