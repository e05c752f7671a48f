"""What follows from the configuration: defaults that depend on other keys, and what each stanza needs of others."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

DRAWN = ("frames", "clips", "cuts")  # layouts of videos composed from sprites
VIDEOS = (*DRAWN, "mvbench")
# layouts composed from sprites
COMPOSED = ("grid", "pairs", "colour-pairs", "hard", "near-far", "in-between", *DRAWN)
# changes of what a visual is composed of
RECOMPOSED = ("exchange-colours", "mirror-objects", "background", "other-nouns")
TABLED = (*COMPOSED, "words")  # layouts that write_manifest lays out


def steering_layers(stanza: Mapping) -> list[int]:
    """The layers at which a model is steered: its `steering_layers`, or the middle third of its layers.

    `steering_layers({"layers": 9}) == [4, 5, 6]`; layer l is the residual stream after block l, blocks counted from 1.
    """
    if "steering_layers" in stanza:
        return sorted(stanza["steering_layers"])
    blocks = stanza["layers"]
    first = blocks // 3 + 1
    return list(range(first, max(first, 2 * blocks // 3) + 1))


def layers_of(model: Mapping, experiment: Mapping) -> list[int]:
    """The layers of a model at which an experiment acts: its own list, all of them, or the steering layers."""
    asked = experiment.get("layers", "steering")
    if asked == "steering":
        return steering_layers(model)
    return list(range(model["layers"] + 1)) if asked == "all" else sorted(asked)


def images_of(name: str, experiments: Mapping[str, Mapping]) -> str:
    """Which images an experiment takes its items from (`choosing.candidates`): what layers and strengths are chosen by
    (`explores`) is kept apart from all other experiments of that kind of question.
    """
    own = experiments[name]
    if own.get("explores", False):
        return "explored"
    kept = any(other.get("explores", False) for other in experiments.values() if other["kind"] == own["kind"])
    return "others" if kept else "all"


def keeps(model: Mapping, reading: str, config: Mapping) -> str:
    """ "sums" where a model leaves only the sums that the IDs of a reading need, else "rows"."""
    wanted = model.get("keep", config["activations"]["keep"])
    return wanted if kinds_of(reading, config) else "rows"


def kinds_of(reading: str, config: Mapping) -> list[str]:
    """The kinds of IDs that are derived from a reading."""
    return [name for name, kind in config["ids"]["kinds"].items() if kind["reading"] == reading]


def shown_as(dataset: Mapping) -> str:
    """What a data set has to be seen: "images", "videos", or "" for nothing."""
    return "videos" if dataset["layout"] in VIDEOS else "" if dataset["layout"] == "words" else "images"


def sees(model: Mapping, datasets: Iterable[Mapping]) -> bool:
    """Whether a model is shown all of these data sets: its `sees`, by default images."""
    return {shown_as(dataset) for dataset in datasets} <= {"", *model.get("sees", ("images",))}


def cells_of(dataset: Mapping) -> dict[str, int]:
    """How many cells a data set has along each coordinate of IDs; none where things do not stand in cells."""
    if dataset["layout"] == "grid":
        return dict.fromkeys(("column", "row"), dataset.get("cells", 4))
    if dataset["layout"] == "frames":
        places = dataset.get("places", 1)
        return ({"column": places} if places > 1 else {}) | {"frame": dataset.get("frames", 8)}
    return {}


def continuous_of(dataset: Mapping) -> tuple[str, ...]:
    """What a data set tells of its things that IDs can be cut into cells of."""
    if dataset["layout"] in ("words", "mvbench"):
        return ()
    return ("x", "y", "depth") if dataset["layout"] == "scenes" else ("x", "y")


def tells(coordinate: str, dataset: Mapping) -> bool:
    """Whether a data set has cells along a coordinate of IDs, or tells what they are cut from ("depth:3")."""
    name, cut, _ = coordinate.partition(":")
    return name in (continuous_of(dataset) if cut else cells_of(dataset))


def steered_kinds(dataset: Mapping) -> list[str]:
    """The kinds of questions about something to see that a data set holds."""
    if dataset["layout"] == "words":
        return []
    if dataset["layout"] == "mvbench":
        return ["scene-order"]
    return list(dataset.get("asks", ("left-right", "above-below", "front-behind")))


def without_null(config: Mapping) -> dict:
    """The configuration without the stanzas that are null: an overlay takes one out so."""
    return {key: without_null(value) if isinstance(value, Mapping) else value for key, value in _held(config)}


def _held(config: Mapping) -> Iterator[tuple[str, object]]:
    return ((key, value) for key, value in config.items() if value is not None)


def made_here(source: str, organisms: Mapping) -> bool:
    """Whether a model's source is a folder that the training of one of the config's organisms leaves."""
    folder, _, rest = source.removeprefix("results/organisms/").partition("/checkpoints/")
    known = source.startswith("results/organisms/") and folder in organisms
    return known and (source.endswith(folder) or rest.isdigit())


def known_rhos(config: Mapping) -> dict[str, float]:
    """By model, how often the lower of two things was the nearer one where it was trained, where that is known.

    A model that is trained here has what its organism says; on the ground alone (no `rho`), the lower one always is.
    """
    organisms, known = config.get("organisms", {}), {}
    for name, stanza in config["models"].items():
        if "rho" in stanza:
            known[name] = float(stanza["rho"])
        elif made_here(stanza["source"], organisms):
            folder = stanza["source"].removeprefix("results/organisms/").partition("/")[0]
            known[name] = float(organisms[folder].get("rho", 1))
    return known


def is_folder(source: str) -> bool:
    """Whether a model's source means a folder; otherwise it is a Hub id, `owner/name`."""
    return source.startswith((".", "/", "~", "resources/")) or source.count("/") != 1 or Path(source).is_dir()
