"""Where the configuration and its schema lie, how a test changes one key of it, and what is said then."""

import copy
from collections.abc import Iterable
from pathlib import Path

import pytest

from linmech.config.reading import validate
from linmech.errors import LinmechError

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = ROOT / "workflow" / "schemas" / "config.schema.yaml"
GONE = object()


def change(config: dict, path: str, value: object) -> dict:
    """A copy of `config` with the key at the dotted `path` set to `value`, or removed."""
    config = copy.deepcopy(config)
    *parents, last = path.split(".")
    inner = config
    for key in parents:
        inner = inner.setdefault(key, {})
    if value is GONE:
        del inner[last]
    else:
        inner[last] = value
    return config


def refused(config: dict, path: str, value: object, key: str, cure: str) -> None:
    """With the key at `path` changed so, `config` is refused in one line that begins with `key` and holds `cure`."""
    with pytest.raises(LinmechError) as caught:
        validate(change(config, path, value), SCHEMA)
    line = str(caught.value)
    assert "\n" not in line
    assert line.startswith(f"config key {key}") and line[len(f"config key {key}")] in " :", line
    assert cure in line, line


def named(rows: Iterable[tuple]) -> list[str]:
    """What the cases of (path, value, key, cure) are called."""
    return [f"{row[2]}={row[1]!r:.20}" for row in rows]
