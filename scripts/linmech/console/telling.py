"""A probe as files and as a paragraph of plain words."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from linmech.console.probing import STEPS, Probe, open_photo, probe
from linmech.errors import LinmechError
from linmech.figures import probe as figure
from linmech.files import atomic
from linmech.ids.files import load_ids_of
from linmech.models.declared import Declared
from linmech.questions.kinds import KINDS
from linmech.statistics.crossing import crossing
from linmech.stimuli.items import Box

FAILS = {
    "vision": "its nouns are bound to wrong places and true ones mend the answer: the fault lies before they are bound",
    "binding": "its nouns are bound to no place and true ones mend the answer: the fault lies in the binding",
    "readout": "its nouns are bound to the right places: the fault lies in how the answer is read from them",
    "none": "it speaks for no part alone",
}


@torch.no_grad()
def probe_photo(
    photo: Path, nouns: Sequence[str], model: str, results: Path, out: Path, kind: str = "left-right",
    boxes: Mapping[str, Box] | None = None, *, device: str = "cpu",
) -> str:  # fmt: skip
    """Probe a photograph with a model of the run in `results`; write OUT.png, .pdf and .json; return the paragraph.

    Raises LinmechError where the run has no such model or no IDs of it, and what `probe` raises.
    """
    known, ids = results / f"models/{model}.json", results / f"ids/spatial/{model}.h5"
    if not known.is_file() or not ids.is_file():
        raise LinmechError(f"{results} has no IDs of model {model!r}: run snakemake --cores 8 {known} {ids}")
    image, declared = open_photo(photo), Declared.read(known, device)
    found = probe(
        declared.load(), load_ids_of(ids, range(declared.layers + 1), declared.fingerprint), image, nouns, kind, boxes
    )
    told = asdict(found) | {"steps": STEPS, "options": KINDS[kind].options, "photo": photo.name}
    with atomic(out.with_suffix(".json")) as partial:
        partial.write_text(json.dumps(told, indent=1) + "\n")
    figure.plot(np.asarray(image), json.loads(json.dumps(told)), out.with_suffix(".png"))
    return paragraph(found)


def paragraph(found: Probe) -> str:
    """The probe in plain words."""
    right = "" if not found.truth else ", which is right" if found.truth == found.answer else ", which is wrong"
    said = [
        f"Asked “{found.question}”, {found.model} answers {found.answer}{right}, by {found.belief:.1f} nats (both "
        f"answers together hold {found.mass:.0%} of the probability)."
    ]
    places = [f"the {noun} {x:.0%} from the left and {y:.0%} from the top" for noun, (x, y) in found.at.places.items()]
    said.append(f"At layer {found.shown} of {found.layers[-1].layer} it holds {' and '.join(places)} of the picture.")
    where = crossing(np.array(STEPS), np.array(found.at.moved))
    ways = ("to the right", "to the left") if found.coordinate == "column" else ("down", "up")
    if np.isfinite(where):
        way = ways[int(where < 0)]
        said.append(f"Moved {abs(where):.1f} cells {way} there, the {found.nouns[0]} turns the answer.")
    else:
        said.append(f"Moving the {found.nouns[0]} by up to {max(STEPS):.0f} cells does not turn the answer.")
    if found.strange:
        told = "place is" if len(found.strange) == 1 else "places are"
        said.append(
            f"No IDs were read at {' and '.join(found.strange)}, whose {told} counted from a blank picture: "
            "the model may not know the word."
        )
    if found.unseen:
        said.append(
            f"Its processor shows it the square in the middle of the picture alone, and the centre of the "
            f"{' and of the '.join(found.unseen)} lies outside: pad_to_square: true in its stanza shows all."
        )
    if found.part:
        said.append(f"Of this answer: {FAILS[found.part]}.")
    return " ".join(said)
