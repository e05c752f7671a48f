"""Where the keys of an older config.yaml went: one line per key, so that an old file is mended without a search."""

from collections.abc import Iterator, Mapping

LAYOUTS = ("grid", "pairs", "near-far", "in-between", "scenes")
ASKS = {
    "grid": "left-right", "pairs": "left-right, above-below", "near-far": "near-far", "in-between": "in-between",
    "scenes": "left-right, front-behind",
}  # fmt: skip
STEERED = {
    "layers": "kind: left-right, typical: true, explores: true, layers: all, targets: [0, -1]",
    "left-right": "kind: left-right",
    "near-far": "kind: near-far",
    "in-between": "kind: in-between, coordinate: neighbours",
    "strengths": "kind: left-right, explores: true, targets: [0, -1]",
}


def moved(config: Mapping) -> Iterator[str]:
    """A line for every key that lies where an older version had it: the key, and where it went."""
    stimuli, steering, cache, ids = (_inner(config, key) for key in ("stimuli", "steering", "activations", "ids"))
    cell = stimuli.get("cell")
    if not isinstance(cell, Mapping) and cell is not None:
        side = f"{4 * cell}" if isinstance(cell, int) else "4 x cell"
        yield f"stimuli.cell went to the data sets: write side: {side} (the image's side, px) in each of them"
    if isinstance(stimuli.get("sizes"), list):
        yield f"stimuli.sizes went to the data set: write stimuli.grid.sizes: {stimuli['sizes']}"
    for name in LAYOUTS:
        stanza = stimuli.get(name)
        if isinstance(stanza, Mapping) and "layout" not in stanza:
            yield f"stimuli.{name} says its layout and what it asks now: add layout: {name} and asks: [{ASKS[name]}]"
    if "strength" in steering:
        yield f"steering.strength went to the experiments: write strengths: [{steering['strength']}] in each of them"
    if "strengths" in steering:
        yield f"steering.strengths went to steering.experiments.strengths.strengths: {steering['strengths']}"
    for name, stanza in _inner(steering, "experiments").items():
        if name in STEERED and isinstance(stanza, Mapping) and "kind" not in stanza:
            yield f"steering.experiments.{name} is a full stanza now: add {STEERED[name]}"
    if cache and "readings" not in cache:
        yield (
            "activations.readings says what is read now: add readings: {grid: {dataset: grid, roles: [subject, "
            "reference]}, words: {dataset: words, roles: [relation]}} and keep: rows, and to stimuli words: {layout: "
            "words, asks: [left-right, above-below, front-behind], pairs: 90}"
        )
    for name, stanza in _inner(config, "organisms").items():
        if isinstance(stanza, Mapping) and "absolute" in _inner(stanza, "recipe"):
            yield f"organisms.{name}.recipe.absolute went to recipe.unasked: write unasked: [column, row] for false"
    if ids and "kinds" not in ids:
        yield (
            "ids.kinds says which IDs are derived now: add kinds: {spatial: {reading: grid, coordinates: [column, "
            "row], words: [words]}}"
        )


def _inner(config: Mapping, key: str) -> Mapping:
    inner = config.get(key)
    return inner if isinstance(inner, Mapping) else {}
