"""The card of a trained organism: what it is, what it saw, how long it took, and how often it is right."""

from collections.abc import Mapping, Sequence
from pathlib import Path

Accuracies = Mapping[str, Mapping[str, Mapping[str, float]]]
TAUGHT = (
    "- **What it was taught beside answers**: phase 1 regressed every object's x, y and depth onto three linear",
    "  directions of its patches (a place loss, weight 20), so linear spatial IDs were largely put in: it is a",
    "  *positive control*, and a plane of IDs in Figure 5 or an effect in Figure 6 is no finding about what training",
    "  on answers alone brings about.",
)


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
    recipe = ", ".join(f"{key} {value}" for key, value in settings["recipe"].items())
    Path(path).write_text(
        "\n".join(
            [
                f"# {kind.__name__.removesuffix('ForConditionalGeneration')}, a model organism of linmech",
                "",
                f"A `{kind.__name__}` of {settings['parameters'] / 1e6:.1f} M parameters, trained from scratch by the",
                "rule `train_organism`. It answers questions about where linmech's built-in objects stand. It is a",
                "test animal for interpretability and nothing else.",
                "",
                f"- **Data**: {settings['images']} procedural training images, 128 px, two to four objects each, some",
                "  of them perspective scenes; eight questions an image in varied wordings and both option orders.",
                f"- **Seed**: {settings['seed']}. **Time**: {settings['minutes']} minutes on {settings['machine']}.",
                WEIGHTS[settings["dtype"]],
                f"- **Recipe**: {recipe}.",
                f"- **Nouns** ({len(nouns)}): {', '.join(nouns)}.",
                *TAUGHT,
                "- **Licence**: MIT, like the project; no outside data.",
                "",
                "## Held-out accuracy",
                "",
                "New backgrounds and placements, and pairs of nouns that never stand in one training image. A question",
                "counts as right if its answer is the most probable next token of all.",
                "",
                "| question | " + " | ".join(accuracies) + " |",
                "|---|" + "---|" * len(accuracies),
                *rows,
                "",
            ]
        )
    )


def _cell(result: Mapping[str, float] | None) -> str:
    return f"{100 * result['accuracy']:.1f} % of {result['questions']}" if result else "not asked"
