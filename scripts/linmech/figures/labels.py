"""Text labels beside points, placed where they hide nothing (used by the grids of IDs).

Tried in its place: adjustText 1.4 (other places each time, labels over markers) and textalloc 1.2 (labels far away,
lines across the grid). This one is deterministic, so that equal numbers give equal bytes.
"""

import math
from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox, BboxBase

RADII = (4.0, 7.0, 11.0, 16.0, 22.0)
ANGLES = 16
LEADER_FROM = 8.0


def place_labels(
    axis: Axes,
    words: Sequence[tuple[str, Float[np.ndarray, " axis=2"]]],
    obstacles: Float[np.ndarray, "point axis=2"],
    lines: Float[np.ndarray, "sample axis=2"],
    *,
    colour: str,
    size: float = 6.5,
) -> None:
    """Write each word near its position (data units), away from `obstacles`, other words and the panel's border.

    Greedy and deterministic: of 16 directions x 5 distances (in points) the cheapest one; far labels get a line.
    `lines` are points along drawn lines, which a label may cross if it must. Call when the layout is settled.
    """
    panel = axis.get_window_extent()
    taken: list[Bbox] = []
    soft = axis.transData.transform(lines)
    points = [axis.transData.transform(np.asarray(obstacles, dtype=float).reshape(-1, 2))]
    points.append(axis.transData.transform(np.array([place for _, place in words], dtype=float).reshape(-1, 2)))
    pixels = np.concatenate(points)
    for word, position in words:
        note = axis.annotate(
            word,
            position,
            (0, 0),
            textcoords="offset points",
            fontsize=size,
            color=colour,
            zorder=6,
            annotation_clip=False,
        )
        place = min(_candidates(), key=lambda offset: _cost(_box(note, offset), offset, panel, taken, pixels, soft))
        taken.append(_box(note, place))
        if math.hypot(*place[:2]) > LEADER_FROM:
            axis.annotate(
                "", position, place[:2], textcoords="offset points", annotation_clip=False,
                arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.4, "shrinkA": 0, "shrinkB": 2},
            )  # fmt: skip


def _candidates() -> Iterator[tuple[float, float, str, str]]:
    for radius in RADII:
        for step in range(ANGLES):
            x, y = (math.cos(2 * math.pi * step / ANGLES), math.sin(2 * math.pi * step / ANGLES))
            across = "left" if x > 0.3 else "right" if x < -0.3 else "center"
            up = "bottom" if y > 0.3 else "top" if y < -0.3 else "center"
            yield radius * x, radius * y, across, up


def _box(note, offset: tuple[float, float, str, str]) -> Bbox:
    note.set_position(offset[:2])
    note.set(horizontalalignment=offset[2], verticalalignment=offset[3])
    return note.get_window_extent()


def _cost(box: Bbox, offset: tuple, panel: BboxBase, taken: list[Bbox], pixels: np.ndarray, soft: np.ndarray) -> float:
    near = Bbox([[box.x0 - 3, box.y0 - 3], [box.x1 + 3, box.y1 + 3]])
    hidden = _inside(near, pixels) + 0.05 * _inside(box, soft)
    crossed = sum(_overlap(near, other) for other in taken)
    area = box.width * box.height
    outside = area - _overlap(box, panel)
    return 3 * hidden + 10 * crossed / area + 10 * outside / area + 0.05 * math.hypot(*offset[:2])


def _inside(box: Bbox, points: np.ndarray) -> int:
    return int(((points > box.min) & (points < box.max)).all(axis=1).sum())


def _overlap(a: BboxBase, b: BboxBase) -> float:
    both = Bbox.intersection(a, b)
    return 0.0 if both is None else both.width * both.height
