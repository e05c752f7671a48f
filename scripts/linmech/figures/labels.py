"""Text labels beside points, placed where they hide nothing (used by the grids of IDs).

Tried in its place: adjustText 1.4 (other places each time, labels over markers) and textalloc 1.2 (labels far away,
lines across the grid). This one is deterministic, so that equal numbers give equal bytes.
"""

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from matplotlib.text import Annotation

RADII = (4.0, 7.0, 11.0, 16.0, 22.0)
ANGLES = 16
LEADER_FROM = 8.0
ACROSS, UP = ("left", "center", "right"), ("bottom", "center", "top")
Boxes = Float[np.ndarray, "box side=4"]  # x0, y0, x1, y1 in pixels


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
    panel, scale = np.array([axis.get_window_extent().extents]), axis.get_figure(root=True).dpi / 72
    taken = np.empty((0, 4))
    soft = axis.transData.transform(lines)
    points = [axis.transData.transform(np.asarray(obstacles, dtype=float).reshape(-1, 2))]
    points.append(axis.transData.transform(np.array([place for _, place in words], dtype=float).reshape(-1, 2)))
    pixels = np.concatenate(points)
    offsets, aligned = _candidates()
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
        extents = {(across, up): _extent(note, (0, 0), across, up) for across in ACROSS for up in UP}
        boxes = np.array([extents[alignment] for alignment in aligned]) + scale * np.tile(offsets, 2)
        best = int(_costs(boxes, np.hypot(*offsets.T), panel, taken, pixels, soft).argmin())
        taken = np.vstack([taken, _extent(note, tuple(offsets[best]), *aligned[best])])
        if math.hypot(*offsets[best]) > LEADER_FROM:
            axis.annotate(
                "", position, tuple(offsets[best]), textcoords="offset points", annotation_clip=False,
                arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.4, "shrinkA": 0, "shrinkB": 2},
            )  # fmt: skip


def _candidates() -> tuple[Float[np.ndarray, "candidate axis=2"], list[tuple[str, str]]]:
    """Offsets in points, and how the word is aligned at each, across and up."""
    offsets, aligned = [], []
    for radius in RADII:
        for step in range(ANGLES):
            x, y = (math.cos(2 * math.pi * step / ANGLES), math.sin(2 * math.pi * step / ANGLES))
            across = "left" if x > 0.3 else "right" if x < -0.3 else "center"
            up = "bottom" if y > 0.3 else "top" if y < -0.3 else "center"
            offsets.append((radius * x, radius * y))
            aligned.append((across, up))
    return np.array(offsets), aligned


def _extent(note: Annotation, offset: tuple[float, float], across: str, up: str) -> Float[np.ndarray, "side=4"]:
    note.set_position(offset)
    note.set(horizontalalignment=across, verticalalignment=up)
    return np.array(note.get_window_extent().extents)


def _costs(
    boxes: Boxes,
    distances: Float[np.ndarray, " box"],
    panel: Float[np.ndarray, "one side=4"],
    taken: Float[np.ndarray, "other side=4"],
    pixels: Float[np.ndarray, "point axis=2"],
    soft: Float[np.ndarray, "sample axis=2"],
) -> Float[np.ndarray, " box"]:
    near = boxes + np.array([-3, -3, 3, 3])
    hidden = _inside(near, pixels) + 0.05 * _inside(boxes, soft)
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    outside = area - _overlap(boxes, panel)
    return 3 * hidden + 10 * _overlap(near, taken) / area + 10 * outside / area + 0.05 * distances


def _inside(boxes: Boxes, points: Float[np.ndarray, "point axis=2"]) -> Int[np.ndarray, " box"]:
    """How many of the points lie in each box."""
    inner = (points > boxes[:, None, :2]) & (points < boxes[:, None, 2:])
    return inner.all(axis=2).sum(axis=1)


def _overlap(boxes: Boxes, others: Float[np.ndarray, "other side=4"]) -> Float[np.ndarray, " box"]:
    """The area, in square pixels, that each box shares with the others, together."""
    low = np.maximum(boxes[:, None, :2], others[:, :2])
    high = np.minimum(boxes[:, None, 2:], others[:, 2:])
    return (high - low).clip(0).prod(axis=2).sum(axis=1)
