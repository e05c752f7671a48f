"""Colours, sizes and one panel at a time: everything that the figures share, and nothing about where numbers come from.

Figures are built without pyplot (no global state), in one style, and saved without dates, so that the same numbers give
the same bytes. Colours are Okabe and Ito's, which people with any colour vision can tell apart.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.text import Text
from PIL import Image

from linmech.figures.letters import OWN_NAME, font_for, lacking
from linmech.files import atomic

COLUMN_COLOURS = ("#0072B2", "#56B4E9", "#E69F00", "#D55E00")
INK, GREY, FAINT = "#1a1a1a", "#6e6e6e", "#c8c8c8"
PNG_DPI = 200
STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 7,
    "axes.titlesize": 7,
    "axes.labelsize": 7,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.titlelocation": "left",
    "xtick.labelsize": 6,
    "ytick.labelsize": 6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "lines.linewidth": 1.2,
    "pdf.fonttype": 42,
    "pdf.compression": 9,
}


@contextlib.contextmanager
def style() -> Iterator[None]:
    """The one look of all figures; build and save inside this block. The user's own matplotlibrc plays no part."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        yield


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of `width` x `height` inches with constrained layout, drawn by Agg.

    It is laid out as the PNG is drawn: at fewer dots small letters are a tenth narrower, and would be cut off.
    """
    figure = Figure(figsize=(width, height), dpi=PNG_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def settle(figure: Figure, adapt: Callable[[], None] = lambda: None) -> None:
    """Lay the figure out and keep it so: what is measured from now on holds in every file. Again changes nothing.

    `adapt` is called after each of the two passes, to fit limits (`frame_grid`) to the panels' shapes.
    """
    if isinstance(figure.get_layout_engine(), ConstrainedLayoutEngine):
        for text in figure.findobj(Text):
            if lacking([text.get_text()]):
                text.set_fontfamily([OWN_NAME, font_for([text.get_text()])[0]])
        for _ in range(2):
            figure.draw_without_rendering()
            adapt()
        figure.set_layout_engine("none")
        for axis in figure.axes:  # the solver's last digits differ from run to run
            axis.set_position([round(edge, 8) for edge in axis.get_position(original=True).bounds])


def save_figure(pages: Figure | Sequence[Figure], pdf: str | Path, png: str | Path, dpi: int = PNG_DPI) -> None:
    """Write figures as pages of one PDF and, one below the other, as one PNG; no dates: equal pages are equal bytes."""
    pages = [pages] if isinstance(pages, Figure) else list(pages)
    for page in pages:
        settle(page)
    with atomic(pdf) as partial, PdfPages(partial, metadata={"CreationDate": None}) as document:
        for page in pages:
            document.savefig(page)
    pictures = []
    for page in pages:
        page.set_dpi(dpi)
        page.canvas.draw()
        pictures.append(Image.fromarray(np.asarray(page.canvas.buffer_rgba())).convert("RGB"))
    sheet = Image.new("RGB", (max(p.width for p in pictures), sum(p.height for p in pictures)), "white")
    top = 0
    for picture in pictures:
        sheet.paste(picture, (0, top))
        top += picture.height
    with atomic(png) as partial:
        sheet.save(partial, dpi=(dpi, dpi), optimize=True)


def write_csv(table: pd.DataFrame, path: str | Path) -> None:
    """Write the numbers that a figure shows, one row per mark, beside the figure."""
    with atomic(path) as partial:
        table.to_csv(partial, index=False, float_format="%.8g", lineterminator="\n")


def column_colours(n: int) -> list[str]:
    """`n` colours from left (blue) to right (vermilion)."""
    if n == len(COLUMN_COLOURS):
        return list(COLUMN_COLOURS)
    blend = LinearSegmentedColormap.from_list("columns", COLUMN_COLOURS)
    return [to_hex(blend(value)) for value in np.linspace(0, 1, n)]


def zero_line(axis: Axes) -> None:
    """The line of no effect."""
    axis.axhline(0, color=GREY, linewidth=0.6, linestyle=(0, (4, 3)), zorder=1)
