"""What is chosen on some data is measured on other data: keys set apart by name and seed, not by the order of rows."""

from collections.abc import Iterable

from linmech.errors import LinmechError
from linmech.seeds import digest


def split(keys: Iterable[str], share: float, seed: int, name: str = "half") -> frozenset[str]:
    """The `share` of the distinct keys that is set apart (items, images, nouns), the same in any order of the keys.

    Rounded to whole keys with at least one on either side. Raises LinmechError for fewer than two keys.
    """
    distinct = sorted(set(keys), key=lambda key: digest(seed, name, key))
    if len(distinct) < 2 or not 0 < share < 1:
        raise LinmechError(f"cannot set apart {share} of {len(distinct)} {name} keys: need 2 keys and 0 < share < 1")
    return frozenset(distinct[: min(max(round(share * len(distinct)), 1), len(distinct) - 1)])
