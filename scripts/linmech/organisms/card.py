"""The card of a trained organism: what it is, what it saw, how long it took, and how often it is right."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from linmech.organisms.lessons.videos import held_out_moments

Accuracies = Mapping[str, Mapping[str, Mapping[str, float]]]
TAUGHT = {
    "none": (
        "- **What it was taught beside answers**: phase 1 contrasted patches with the words for the object in them and",
        "  its colour. No loss told it of coordinates, depth or time: what it knows of them it has from answers alone.",
    ),
    "linear": (
        "- **What it was taught beside answers**: phase 1 regressed every object's x, y and depth onto three linear",
        "  directions of its patches (a place loss, weight 20), so linear spatial IDs were largely put in: it is a",
        "  *positive control*, and a plane of IDs in Figure 5 or an effect in Figure 6 is no finding about what",
        "  training on answers alone brings about.",
    ),
    "classes": (
        "- **What it was taught beside answers**: phase 1 put every object's patches into one of 16 classes, the cell",
        "  of the object's centre (a place loss): a code of one vector per cell was put in.",
    ),
    "scrambled": (
        "- **What it was taught beside answers**: phase 1 regressed every object's patches onto x, y of another cell,",
        "  the 16 cells having been exchanged at random (a place loss): a scrambled code was put in.",
    ),
}
POSITIONS = {
    "learned": "- **Positions in the tower**: as the class has them, a learned table or rotary ones.",
    "sinusoid": "- **Positions in the tower**: a frozen table of sines and cosines of x and of y.",
    "permuted": "- **Positions in the tower**: a frozen table of sines and cosines, its rows exchanged at random.",
    "none": "- **Positions in the tower**: none.",
    "rotary": "- **Positions**: rotary ones; the decoder's first block, set and frozen, lets a patch note its own.",
}


WEIGHTS = {
    "float32": "- **Weights**: float32.",
    "float16": "- **Weights**: float16, rounded before the accuracies were measured: as float32 they have these.",
}


def write_card(path: str | Path, kind: type, nouns: Sequence[str], settings: Mapping, accuracies: Accuracies) -> None:
    """Write README.md of an organism of class `kind`; `accuracies[test set][question] = {accuracy, questions}`."""
    kinds = sorted({kind for table in accuracies.values() for kind in table})
    rows = [
        f"| {kind} | " + " | ".join(_cell(table.get(kind)) for table in accuracies.values()) + " |" for kind in kinds
    ]
    told, seen = ("when", "are seen") if settings.get("frames") else ("where", "stand")
    if settings.get("frames") and "column" not in settings["recipe"]["unasked"]:
        told = "where and when"
    recipe = ", ".join(f"{key} {_said(value)}" for key, value in settings["recipe"].items())
    Path(path).write_text(
        "\n".join(
            [
                f"# {kind.__name__.removesuffix('ForConditionalGeneration')}, a model organism of linmech",
                "",
                f"A `{kind.__name__}` of {settings['parameters'] / 1e6:.1f} M parameters, trained from scratch by the",
                f"rule `train_organism`. It answers questions about {told} linmech's built-in objects {seen}. It is a",
                "test animal for interpretability and nothing else.",
                "",
                *_data(settings),
                f"- **Seed**: {settings['seed']}. **Time**: {settings['minutes']} minutes on {settings['machine']}.",
                WEIGHTS[settings["dtype"]],
                f"- **Recipe**: {recipe}.",
                f"- **Nouns** ({len(nouns)}): {', '.join(nouns)}.",
                *_unplaced(settings),
                *TAUGHT[settings["recipe"]["place_loss"]],
                POSITIONS[settings["recipe"]["positions"]],
                *_listed(settings),
                *([] if settings.get("frames") else _depth(settings)),
                *_time(settings),
                "- **Licence**: MIT, like the project; no outside data.",
                "",
                "## Held-out accuracy",
                "",
                "New backgrounds and placements, and pairs of nouns that never occur together in training. A question",
                "counts as right if its answer is the most probable next token of all.",
                "",
                "| question | " + " | ".join(accuracies) + " |",
                "|---|" + "---|" * len(accuracies),
                *rows,
                "",
            ]
        )
    )


def _data(settings: Mapping) -> list[str]:
    """What it saw."""
    asked = "in varied wordings and both option orders."
    if not settings.get("frames"):
        return [
            f"- **Data**: {settings['images']} procedural training images, 128 px, two to four objects each, some",
            f"  of them perspective scenes; eight questions an image {asked}",
        ]
    return [
        f"- **Data**: {settings['images']} procedural training videos of {settings['frames']} frames of "
        f"{settings['side']} px: two or three",
        "  objects over one background, each seen in one frame, some frames empty; eight questions a video",
        f"  {asked}",
    ]


def _time(settings: Mapping) -> list[str]:
    """Which moments were kept from it, and whether time told it anything."""
    if not settings.get("frames"):
        return []
    apart = held_out_moments(settings["frames"], settings["seed"])
    pairs = ", ".join(f"{one + 1}-{other + 1}" for one, other in sorted(apart))
    told = "- **Time**: in training the frames of every video came in an order drawn anew."
    return [
        f"- **Moments** kept from training: no two objects were seen in frames {pairs}, in either order; the column",
        "  *moments* is about them.",
        *[told] * settings["recipe"]["shuffled"],
    ]


def _unplaced(settings: Mapping) -> list[str]:
    """Which nouns occur in no question about a place; what the column "unplaced" is about."""
    nouns = settings.get("unplaced")
    if not nouns:
        return []
    return [
        f"- **Never asked for their place** ({len(nouns)}): {', '.join(nouns)}. The column *unplaced* is about them."
    ]


def _listed(settings: Mapping) -> list[str]:
    """How some of its questions were asked."""
    share = settings["recipe"]["listed"]
    of_all = ("column", "frame") if settings.get("frames") else ("column", "row", "colour")
    names = [f"{kind}s" for kind in of_all if kind not in settings["recipe"]["unasked"]]
    asked = f"of the questions about {_said(names)} was asked as lists, in which the answer follows the noun"
    return [f"- **Lists**: {share:.0%} {asked}."] if share and names else []


def _depth(settings: Mapping) -> list[str]:
    """How height and depth hang together in its scenes."""
    if settings.get("rho") is None:
        return ["- **Scenes**: all objects stand on the ground, so the lower one is always the nearer one."]
    return [f"- **Scenes**: objects stand, are raised or hover; the lower one is the nearer in {settings['rho']:.0%}."]


def _said(value: object) -> str:
    """A value of the recipe, in words."""
    return ", ".join(map(str, value)) or "nothing" if isinstance(value, list | tuple) else str(value)


def _cell(result: Mapping[str, float] | None) -> str:
    return f"{100 * result['accuracy']:.1f} % of {result['questions']}" if result else "not asked"
