"""Built-in things that stand in a house; see `linmech.builtin_shapes` for the conventions."""

import numpy as np
from trimesh import Trimesh

from linmech.objects.builtin.shapes import arc, ball, box, curve, gores, join, lathe, ring, rod, tube

WHITE, BLACK, BROWN, GREEN, GREY, GOLD = "#f6f6f2", "#1c1c20", "#6e4423", "#2f9e3a", "#8d99a6", "#e0a526"


def cup() -> Trimesh:
    """A blue cup with a handle and coffee in it."""
    body = lathe(
        [(0, 0), (0.55, 0), (0.8, 0.35), (0.85, 1.5), (0.75, 1.5), (0.72, 1.3), (0, 1.3)], (0, 0, 0), "#2f7fe0"
    )
    return join(
        body,
        tube([(0.8 + 0.5 * np.sin(t), 0.8 - 0.42 * np.cos(t), 0) for t in np.linspace(0, np.pi, 14)], 0.11, "#2f7fe0"),
        rod(0.73, (0, 1.3, 0), (0, 1.34, 0), "#4a2a14"),
        rod(0.87, (0, 1.05, 0), (0, 1.2, 0), WHITE),
    )


def chair() -> Trimesh:
    """A red chair: four legs, seat, back."""
    red = "#b8322a"
    legs = [box((0.16, 1.1, 0.16), (x, 0.55, z), "#8c2019") for x in (-0.55, 0.55) for z in (-0.55, 0.55)]
    posts = [box((0.16, 1.3, 0.16), (x, 1.8, -0.55), red) for x in (-0.55, 0.55)]
    slats = [box((1.1, 0.24, 0.1), (0, y, -0.55), red) for y in (1.75, 2.25)]
    return join(legs, posts, slats, box((1.35, 0.16, 1.35), (0, 1.15, 0), "#d8493c"))


def table() -> Trimesh:
    """A wide wooden table."""
    legs = [box((0.18, 1.2, 0.18), (x, 0.6, z), "#8a5526") for x in (-1.25, 1.25) for z in (-0.6, 0.6)]
    return join(legs, box((3.0, 0.18, 1.6), (0, 1.28, 0), "#c98d4b"), box((2.5, 0.2, 1.2), (0, 1.1, 0), "#8a5526"))


def lamp() -> Trimesh:
    """A standing lamp: dark foot and pole, yellow shade."""
    shade = lathe([(0, 2.2), (0.95, 1.9), (0.5, 3.0), (0, 3.0)], (0, 0, 0), "#ffe27a")
    return join(rod(0.6, (0, 0, 0), (0, 0.16, 0), "#2c2f3a"), rod(0.09, (0, 0.1, 0), (0, 2.3, 0), "#2c2f3a"), shade)


def hat() -> Trimesh:
    """A black top hat with a red band."""
    crown = lathe([(0, 0.1), (0.75, 0.1), (0.72, 0.8), (0.85, 1.6), (0, 1.6)], (0, 0, 0), "#26262e")
    return join(
        lathe([(0, 0), (1.3, 0.02), (1.4, 0.12), (1.3, 0.14), (0, 0.14)], (0, 0, 0), "#26262e"),
        crown,
        rod(0.77, (0, 0.14, 0), (0, 0.45, 0), "#d0202c"),
    )


def book() -> Trimesh:
    """A closed green book that stands upright, its pages to the right."""
    cover, gold = "#1f7a4d", GOLD
    boards = [box((1.5, 2.1, 0.09), (0, 1.05, z), cover) for z in (-0.26, 0.26)]
    label = [box((0.9, 0.3, 0.03), (0.05, 1.55, 0.31), gold), box((0.6, 0.1, 0.03), (0.05, 1.2, 0.31), gold)]
    return join(
        boards,
        box((0.1, 2.1, 0.6), (-0.75, 1.05, 0), "#155a38"),
        box((1.4, 1.98, 0.44), (0, 1.05, 0), "#f3ead2"),
        label,
    )


def bottle() -> Trimesh:
    """A green wine bottle with a label."""
    neck = curve([(0.52, 1.6), (0.44, 2.05), (0.2, 2.4), (0.17, 3.1)], 12)
    glass = lathe(np.vstack([[(0, 0), (0.5, 0)], neck, [(0, 3.1)]]), (0, 0, 0), "#1d6b3a")
    return join(glass, rod(0.54, (0, 0.6, 0), (0, 1.4, 0), "#f3ead2"), rod(0.2, (0, 2.75, 0), (0, 3.15, 0), "#8c1c2c"))


def clock() -> Trimesh:
    """An alarm clock: round white face, teal rim, two bells, two feet."""
    teal = "#16a3a3"
    rim = join(rod(1.05, (0, 1.25, -0.3), (0, 1.25, 0.25), teal), rod(0.88, (0, 1.25, 0.2), (0, 1.25, 0.29), WHITE))
    hands = [box((0.1, 0.6, 0.05), (0, 1.5, 0.32), BLACK), box((0.5, 0.1, 0.05), (0.2, 1.25, 0.32), BLACK)]
    ticks = [
        box((0.09, 0.16, 0.04), (0.72 * np.sin(a), 1.25 + 0.72 * np.cos(a), 0.3), BLACK, (0, 0, -np.degrees(a)))
        for a in np.arange(4) * np.pi / 2
    ]
    bells = [ball((0.4, 0.3, 0.4), (s * 0.62, 2.25, 0), GOLD, (0, 0, -s * 35)) for s in (-1, 1)]
    return join(rim, hands, ticks, bells, [rod(0.1, (s * 0.6, 0.5, 0), (s * 0.85, 0, 0), teal) for s in (-1, 1)])


def umbrella() -> Trimesh:
    """An open umbrella in purple and pink with a hooked handle."""
    dome = curve([(1.45, 1.65), (1.15, 2.25), (0.6, 2.62), (0, 2.75)], 14)
    canopy = gores(np.vstack([[(0, 2.4)], dome]), ("#8a35c4", "#ff77c8"))
    return join(
        canopy, rod(0.06, (0, 0.2, 0), (0, 2.95, 0), GREY), tube(arc(0.25, 180, 360, (0.25, 0.2, 0), 10), 0.08, BROWN)
    )


def guitar() -> Trimesh:
    """An acoustic guitar, upright."""
    wood = "#d98a35"
    body = join(rod(0.95, (0, 0.9, -0.2), (0, 0.9, 0.2), wood), rod(0.7, (0, 1.95, -0.2), (0, 1.95, 0.2), wood))
    hole = join(
        rod(0.32, (0, 1.55, 0.18), (0, 1.55, 0.23), "#3a1f0c"), box((0.7, 0.14, 0.08), (0, 0.7, 0.24), "#3a1f0c")
    )
    neck = join(box((0.26, 2.1, 0.16), (0, 3.35, 0.16), "#4a2a12"), box((0.42, 0.6, 0.14), (0, 4.6, 0.12), "#2c1708"))
    pegs = [ball(0.09, (s * 0.28, y, 0.12), WHITE) for s in (-1, 1) for y in (4.45, 4.75)]
    return join(body, hole, neck, pegs)


def key() -> Trimesh:
    """A golden key, upright, its bow at the top."""
    teeth = [box((0.5, 0.2, 0.2), (0.3, y, 0), GOLD) for y in (0.15, 0.55)]
    return join(
        ring(0.55, 0.17, (0, 2.6, 0), GOLD),
        rod(0.14, (0, 0, 0), (0, 2.1, 0), GOLD),
        teeth,
        ring(0.16, 0.08, (0, 2.0, 0), "#b57f12", (90, 0, 0)),
    )


def wine_glass() -> Trimesh:
    """A stemmed glass with red wine."""
    glass = "#cfe6f0"
    foot = lathe([(0, 0), (0.6, 0), (0.6, 0.06), (0.08, 0.18), (0.07, 1.3), (0, 1.3)], (0, 0, 0), glass)
    wine = lathe([(0, 1.25), (0.4, 1.4), (0.66, 1.8), (0.7, 2.15), (0, 2.15)], (0, 0, 0), "#8e1230")
    return join(foot, wine, lathe([(0.7, 2.15), (0.55, 2.95), (0.5, 2.95), (0.62, 2.15)], (0, 0, 0), glass))


def frying_pan() -> Trimesh:
    """A black pan with a fried egg, its handle to the right."""
    pan = lathe([(0, 0), (0.95, 0), (1.2, 0.4), (1.12, 0.4), (0.9, 0.1), (0, 0.1)], (0, 0, 0), "#2a2d33", (35, 0, 0))
    handle = rod(0.13, (1.1, 0.25, 0.1), (2.5, 0.55, 0.1), "#5c6068")
    return join(
        pan,
        handle,
        ball((0.6, 0.05, 0.5), (-0.1, 0.1, 0.05), WHITE, (35, 0, 0)),
        ball((0.24, 0.16, 0.24), (-0.1, 0.16, 0.08), "#ffae12", (35, 0, 0)),
    )


def watering_can() -> Trimesh:
    """A turquoise can with a spout to the right and a handle to the left."""
    tin = "#35b8c4"
    spout = join(
        rod(0.16, (0.6, 0.4, 0), (1.6, 1.6, 0), tin, top=0.11),
        rod(0.12, (1.55, 1.55, 0), (1.75, 1.8, 0), "#1b7f8a", top=0.34),
    )
    handle = tube(arc((0.65, 0.55), 75, 285, (-0.75, 0.85, 0), 14), 0.09, "#1b7f8a")
    return join(
        lathe([(0, 0), (0.8, 0), (0.75, 1.35), (0.65, 1.35), (0.65, 1.1), (0, 1.1)], (0, 0, 0), tin), spout, handle
    )


def treasure_chest() -> Trimesh:
    """A brown chest with golden bands and a rounded lid."""
    wood = join(box((2.2, 1.0, 1.3), (0, 0.5, 0), "#7d4519"), rod(0.65, (-1.1, 1.0, 0), (1.1, 1.0, 0), "#94561f"))
    bands = [
        m
        for x in (-0.8, 0.8)
        for m in (box((0.2, 1.04, 1.36), (x, 0.5, 0), GOLD), rod(0.68, (x - 0.1, 1.0, 0), (x + 0.1, 1.0, 0), GOLD))
    ]
    return join(
        wood, bands, box((2.24, 0.14, 1.36), (0, 1.0, 0), GOLD), box((0.4, 0.5, 0.12), (0, 0.9, 0.68), "#ffd95a")
    )


def camera() -> Trimesh:
    """A dark grey camera with a large lens."""
    body = [
        box((2.1, 1.25, 0.7), (0, 0.65, 0), "#34383f"),
        box((0.8, 0.3, 0.6), (0, 1.4, 0), "#34383f"),
        box((2.14, 0.3, 0.74), (0, 1.1, 0), "#c3c8ce"),
    ]
    lens = [
        rod(0.55, (0, 0.62, 0.3), (0, 0.62, 0.85), "#15171a"),
        rod(0.4, (0, 0.62, 0.8), (0, 0.62, 0.88), "#4a86d8"),
        ring(0.52, 0.07, (0, 0.62, 0.85), "#c3c8ce"),
    ]
    return join(
        body,
        lens,
        rod(0.14, (0.75, 1.2, 0), (0.75, 1.4, 0), "#d0202c"),
        box((0.4, 0.22, 0.05), (0, 1.4, 0.31), "#fff3b0"),
    )


def candle() -> Trimesh:
    """A white candle on a brass dish."""
    dish = lathe([(0, 0), (0.8, 0), (1.0, 0.25), (0.92, 0.25), (0.75, 0.1), (0, 0.1)], (0, 0, 0), GOLD)
    flame = lathe([(0, 2.2), (0.16, 2.4), (0.12, 2.65), (0, 3.0)], (0, 0, 0), "#ff9a14")
    return join(
        dish,
        rod(0.3, (0, 0.1, 0), (0, 2.1, 0), "#f4ecd8"),
        rod(0.03, (0, 2.1, 0), (0, 2.3, 0), BLACK),
        flame,
        ring(0.24, 0.07, (1.15, 0.2, 0), GOLD),
    )
