"""Names and colours of what the page shows: those of the figures."""

from linmech.figures import style
from linmech.figures.codes import CODES
from linmech.figures.diagnosis.verdict import LOOKS as PARTS
from linmech.figures.effects import ARM_LOOKS
from linmech.figures.swaps.panels import LOOKS as SELECTORS
from linmech.figures.swaps.panels import donor_text

SYMBOLS = {
    "o": "circle", "x": "x-thin-open", "^": "triangle-up", "v": "triangle-down", "s": "square", "P": "cross",
    "D": "diamond",
}  # fmt: skip


def looks(columns: int, changes: list[str]) -> dict[str, object]:
    """What the page's script needs of looks: `columns` of the grid, and words for each of the `changes` of pictures."""
    return {
        "columns": style.column_colours(columns),
        "ink": style.INK,
        "grey": style.GREY,
        "arms": {arm: [label, colour, SYMBOLS[mark]] for arm, (label, colour, mark) in ARM_LOOKS.items()},
        "selectors": {selector: look[0] for selector, look in SELECTORS.items()},
        "changes": {change: donor_text(change) for change in changes},
        "codes": CODES,
        "parts": {part: colour for part, (colour, _) in PARTS.items()},
    }
