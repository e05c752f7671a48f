"""Where the configuration and its schema lie, and how a test changes one key of it."""

import copy
from pathlib import Path

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
