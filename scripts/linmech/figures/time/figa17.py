"""Figure A17: IDs of place and frame together: how the axis of time lies to the axis of space."""

from collections.abc import Sequence
from pathlib import Path

from linmech.errors import LinmechError
from linmech.figures import style as plotting
from linmech.figures.across import axis_pairs
from linmech.ids.files import load_ids

LOOK = axis_pairs.Look(
    ("column", "frame"),
    ("horizontal", "temporal"),
    ("space (places)", "time (frames)"),
    ("left", "right"),
    ("first", "last"),
    "frames",
)


def plot(
    ids: Sequence[str | Path],
    pdf: str | Path,
    png: str | Path,
    csv: str | Path,
    panels: int = 4,
    seed: int = 0,
    dpi: int = plotting.PNG_DPI,
) -> None:
    """Draw Figure A17, a row per model, and a csv of every number.

    `ids`: files of IDs of column and frame. `panels` layers are shown as grids, spread evenly over the depth; cosines
    at all of them. `seed` shuffles the null. Raises LinmechError if there are no files, or IDs of other coordinates.
    """
    if not ids:
        raise LinmechError("figure A17 was given no files of IDs: run derive_ids for at least one video model")
    rows = []
    for path in ids:
        found = load_ids(path)
        if any(each.coordinates != LOOK.coordinates for each in found.values()):
            raise LinmechError(f"{path}: not IDs of column and frame: name those of the kind space-time")
        rows.append([axis_pairs.layer_of(each, LOOK, seed) for each in found.values()])
    axis_pairs.plot(rows, LOOK, pdf, png, csv, panels, dpi)
