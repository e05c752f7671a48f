"""What a model believes of one picture: where its two nouns are, layer by layer, and how its answer follows one."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float, UInt8
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from linmech.figures import style as plotting

LOOKS = (("#0072B2", "o"), ("#D55E00", "s"))  # of the two nouns
MAPS = 6  # layers, at most, whose maps are shown
WIDTH, TOP, MAP = 6.6, 2.6, 1.15
Places = Mapping[str, Sequence[float]]  # x, y: shares of the picture


def plot(picture: UInt8[np.ndarray, "height width rgb=3"], told: Mapping, png: str | Path, dpi: int = 150) -> None:
    """Draw a probe (`told`: what `probe.json` holds) as one PNG."""
    with plotting.style():
        figure = draw(picture, told)
        plotting.save_figure(figure, Path(png).with_suffix(".pdf"), png, dpi)


def draw(picture: UInt8[np.ndarray, "height width rgb=3"], told: Mapping) -> Figure:
    """Above: the picture with places and boxes, and the answer as the subject moves; below: a row of maps per noun."""
    layers = chosen([each["layer"] for each in told["layers"]], told["shown"])
    nouns = list(told["nouns"])
    figure = plotting.new_figure(WIDTH, TOP + MAP * len(nouns) + 0.3)
    above, below = figure.subfigures(2, 1, height_ratios=(TOP, MAP * len(nouns)))
    seen, moved = above.subplots(1, 2)
    by_layer = {each["layer"]: each for each in told["layers"]}
    draw_places(seen, picture, nouns, by_layer[told["shown"]]["places"], told["boxes"])
    seen.set_title(f"{told['model']}, layer {told['shown']}: where it believes they are")
    draw_moved(moved, told, by_layer[told["shown"]]["moved"])
    grid = below.subplots(len(nouns), len(layers), squeeze=False)
    for line, noun in zip(grid, nouns, strict=True):
        for axis, layer in zip(line, layers, strict=True):
            draw_map(axis, picture, np.array(by_layer[layer]["maps"][noun]))
            axis.set_title(f"layer {layer}" if noun == nouns[0] else "", fontsize=6)
        line[0].set_ylabel(noun, fontsize=7)
    return figure


def chosen(layers: Sequence[int], shown: int) -> list[int]:
    """At most MAPS layers, evenly spread, `shown` among them."""
    if len(layers) <= MAPS:
        return list(layers)
    spread = {layers[int(at)] for at in np.linspace(0, len(layers) - 1, MAPS - 1).round()}
    return sorted(spread | {shown})


def draw_places(
    axis: Axes, picture: np.ndarray, nouns: Sequence[str], places: Places, boxes: Mapping[str, Sequence[float]]
) -> None:
    """Marks where the nouns' own states say that they are; their true boxes where these are known."""
    height, width = picture.shape[:2]
    axis.imshow(picture, extent=(0, width, height, 0))
    handles = []
    for noun, (colour, marker) in zip(nouns, LOOKS, strict=True):
        x, y = places[noun]
        inside = np.clip(x, 0.02, 0.98) * width, np.clip(y, 0.02, 0.98) * height
        look = {"color": colour, "marker": marker, "markeredgecolor": "white", "markersize": 9, "linestyle": ""}
        axis.plot(*inside, **look)
        handles.append(Line2D([], [], **(look | {"markersize": 6}), label=f"{noun} ({x:.2f}, {y:.2f})"))
        if noun in boxes:
            left, top, right, bottom = boxes[noun]
            axis.add_patch(Rectangle((left, top), right - left, bottom - top, fill=False, edgecolor=colour))
    axis.set(xticks=(), yticks=(), xlim=(0, width), ylim=(height, 0))
    axis.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.02), ncols=2, fontsize=6)


def draw_moved(axis: Axes, told: Mapping, moved: Sequence[float]) -> None:
    """The belief as the subject is moved along the axis of the question."""
    plotting.zero_line(axis)
    axis.plot(told["steps"], moved, "o-", color=plotting.INK, markersize=3)
    way = "right" if told["coordinate"] == "column" else "down"
    first, second = told["options"]
    axis.set(xlabel=f"{told['nouns'][0]} moved {way} by (cells)", ylabel=f"log p({first}) − log p({second}), nats")
    axis.set_title(f"{told['question']}\n{told['answer']}, by {told['belief']:.2f} nats", fontsize=6)


def draw_map(axis: Axes, picture: np.ndarray, cosines: Float[np.ndarray, "row column"]) -> None:
    """What a noun holds, as the cosine with each cell's ID, over the picture in grey."""
    height, width = picture.shape[:2]
    extent = (0, width, height, 0)
    axis.imshow(picture.mean(-1), cmap="gray", extent=extent, vmin=0, vmax=255)
    axis.imshow(cosines, cmap="viridis", extent=extent, vmin=-1, vmax=1, alpha=0.6, interpolation="bilinear")
    axis.set(xticks=(), yticks=())
