"""Defaults of the configuration that follow from other keys."""

from collections.abc import Mapping
from pathlib import Path


def steering_layers(stanza: Mapping) -> list[int]:
    """The layers at which a model is steered: its `steering_layers`, or the middle third of its layers.

    `steering_layers({"layers": 9}) == [4, 5, 6]`; layer l is the residual stream after block l, blocks counted from 1.
    """
    if "steering_layers" in stanza:
        return sorted(stanza["steering_layers"])
    blocks = stanza["layers"]
    first = blocks // 3 + 1
    return list(range(first, max(first, 2 * blocks // 3) + 1))


def is_folder(source: str) -> bool:
    """Whether a model's source means a folder; otherwise it is a Hub id, `owner/name`."""
    return source.startswith((".", "/", "~", "resources/")) or source.count("/") != 1 or Path(source).is_dir()
