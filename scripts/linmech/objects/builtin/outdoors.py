"""Built-in things that stand outside; see `linmech.builtin_shapes` for the conventions."""

import numpy as np
from trimesh import Trimesh

from linmech.objects.builtin.shapes import arc, ball, box, curve, gores, join, lathe, polygon, prism, ring, rod, tube

WHITE, BLACK, BROWN, GREY, RED = "#f6f6f2", "#1c1c20", "#6e4423", "#8d99a6", "#d0202c"


def car() -> Trimesh:
    """A blue car, seen from the side, its nose to the right."""
    blue = "#1f55d0"
    cabin = prism([(-1.05, 0.95), (0.95, 0.95), (0.5, 1.55), (-0.7, 1.55)], 1.05, (0, 0, 0), blue)
    glass = prism([(-0.9, 1.0), (0.8, 1.0), (0.44, 1.47), (-0.64, 1.47)], 1.09, (0, 0, 0), "#bfe3f5")
    wheels = [
        m
        for x in (-0.95, 0.95)
        for m in (
            rod(0.4, (x, 0.4, -0.72), (x, 0.4, 0.72), BLACK),
            rod(0.19, (x, 0.4, -0.74), (x, 0.4, 0.74), "#c3c8ce"),
        )
    ]
    lights = [ball(0.13, (1.68, 0.78, s * 0.4), "#fff3b0") for s in (-1, 1)]
    return join(
        box((3.3, 0.6, 1.3), (0, 0.7, 0), blue),
        cabin,
        glass,
        wheels,
        lights,
        box((0.09, 0.5, 1.12), (-0.05, 1.23, 0), blue),
    )


def house() -> Trimesh:
    """Cream walls, red gable roof, blue door, windows and a chimney."""
    walls = join(
        box((2.2, 1.5, 1.8), (0, 0.75, 0), "#f3dfae"),
        prism([(-1.1, 1.5), (1.1, 1.5), (0, 2.5)], 1.8, (0, 0, 0), "#f3dfae"),
    )
    roof = [box((1.85, 0.16, 2.2), (s * 0.66, 2.02, 0), "#b3261e", (0, 0, -s * 42.3)) for s in (-1, 1)]
    panes = [box((0.45, 0.45, 0.06), (s * 0.7, 0.95, 0.91), "#5fb4e8") for s in (-1, 1)]
    return join(
        walls,
        roof,
        panes,
        box((0.45, 0.9, 0.08), (0, 0.45, 0.91), "#2b4fa8"),
        box((0.35, 0.9, 0.35), (0.7, 2.4, -0.3), "#7d4a3a"),
    )


def rocket() -> Trimesh:
    """A white rocket with red nose and fins, a porthole and a flame."""
    body = lathe([(0, 0.5), (0.42, 0.5), (0.58, 1.2), (0.55, 2.2), (0.38, 2.8), (0, 2.8)], (0, 0, 0), "#e8ecf0")
    nose = lathe([(0.39, 2.78), (0.2, 3.25), (0, 3.6)], (0, 0, 0), RED)
    fins = [
        prism([(0.4, 0.6), (1.05, 0.1), (1.05, 0.55), (0.5, 1.5)], 0.12, (0, 0, 0), RED, (0, a, 0))
        for a in (0, 90, 180, 270)
    ]
    port = join(ball((0.26, 0.26, 0.1), (0, 2.0, 0.53), "#2f7fe0"), ring(0.26, 0.06, (0, 2.0, 0.55), GREY))
    return join(body, nose, fins, port, rod(0.36, (0, 0.5, 0), (0, -0.5, 0), "#ffa21a", top=0))


def boat() -> Trimesh:
    """A sailing boat: brown hull, white main sail, orange jib."""
    hull = prism([(-1.4, 0.75), (-1.0, 0), (0.95, 0), (1.6, 0.75)], 0.9, (0, 0, 0), "#8a4b1f")
    sail = prism([(0.08, 1.0), (1.25, 1.0), (0.08, 3.2)], 0.08, (0, 0, 0), WHITE)
    jib = prism([(-0.1, 1.0), (-1.1, 1.0), (-0.1, 2.8)], 0.08, (0, 0, 0), "#ff9a3c")
    return join(
        hull, sail, jib, rod(0.07, (0, 0.7, 0), (0, 3.35, 0), BROWN), box((2.9, 0.12, 0.95), (0.05, 0.72, 0), "#e6d3b0")
    )


def traffic_light() -> Trimesh:
    """A black housing with red, amber and green lamps on a pole."""
    lamps = [
        rod(0.3, (0, y, 0.3), (0, y, 0.4), c) for y, c in ((3.15, "#ff2d2d"), (2.45, "#ffc21a"), (1.75, "#2ee66a"))
    ]
    hoods = [ring(0.31, 0.06, (0, y, 0.4), "#111114") for y in (3.15, 2.45, 1.75)]
    return join(
        box((0.95, 2.3, 0.6), (0, 2.45, 0), "#2c2e33"),
        lamps,
        hoods,
        rod(0.14, (0, 0, 0), (0, 1.4, 0), GREY),
        rod(0.4, (0, 0, 0), (0, 0.12, 0), GREY),
    )


def fire_hydrant() -> Trimesh:
    """A red hydrant with yellow caps."""
    body = lathe(
        [
            (0, 0),
            (0.7, 0),
            (0.7, 0.2),
            (0.46, 0.25),
            (0.46, 1.6),
            (0.62, 1.62),
            (0.62, 1.78),
            (0.5, 1.8),
            (0.4, 2.1),
            (0.15, 2.28),
            (0, 2.3),
        ],
        (0, 0, 0),
        RED,
    )
    nozzles = [
        m
        for s in (-1, 1)
        for m in (
            rod(0.25, (0, 1.2, 0), (s * 0.75, 1.2, 0), RED),
            rod(0.3, (s * 0.7, 1.2, 0), (s * 0.9, 1.2, 0), "#ffc81f"),
        )
    ]
    front = join(
        rod(0.32, (0, 0.95, 0.3), (0, 0.95, 0.65), RED), rod(0.36, (0, 0.95, 0.62), (0, 0.95, 0.78), "#ffc81f")
    )
    return join(body, nozzles, front, rod(0.14, (0, 2.2, 0), (0, 2.5, 0), "#ffc81f", sections=6))


def stop_sign() -> Trimesh:
    """A red octagon with a white rim and the letters STOP, on a pole."""
    plate = [prism(polygon(8, r, 22.5), d, (0, 2.6, 0), c) for r, d, c in ((1.05, 0.1, WHITE), (0.94, 0.14, "#c4121f"))]
    upright = [
        (-0.36, 2.6, 0.5),
        (0.02, 2.6, 0.5),
        (0.27, 2.6, 0.5),
        (0.48, 2.6, 0.5),
        (-0.76, 2.71, 0.25),
        (-0.56, 2.49, 0.25),
    ]
    level = [(-0.66, y, 0.3) for y in (2.82, 2.6, 2.38)] + [(-0.36, 2.82, 0.36), (0.14, 2.82, 0.3), (0.14, 2.38, 0.3)]
    level += [(0.6, 2.82, 0.3), (0.6, 2.58, 0.3)]
    strokes = [box((0.09, length, 0.05), (x, y, 0.08), WHITE) for x, y, length in [*upright, (0.71, 2.7, 0.28)]]
    bars = [box((length, 0.09, 0.05), (x, y, 0.08), WHITE) for x, y, length in level]
    return join(plate, strokes, bars, rod(0.09, (0, 0, -0.1), (0, 3.2, -0.1), GREY))


def hot_air_balloon() -> Trimesh:
    """A striped envelope over a basket."""
    outline = curve([(0.3, 1.25), (0.75, 1.8), (1.15, 2.5), (1.2, 3.0), (0.95, 3.6), (0.5, 3.95), (0, 4.05)])
    envelope = gores(outline, ("#ff4d2e", "#ffd91a", "#2f9ee8", "#8e44d0"))
    ropes = [rod(0.03, (x, 0.5, z), (x * 1.1, 1.4, z * 1.1), BLACK) for x in (-0.28, 0.28) for z in (-0.28, 0.28)]
    return join(envelope, ropes, box((0.7, 0.55, 0.7), (0, 0.28, 0), "#a8682e"))


def traffic_cone() -> Trimesh:
    """An orange cone with white bands on a square foot."""
    cone = rod(0.7, (0, 0.1, 0), (0, 2.1, 0), "#ff6a14", top=0.12)
    bands = [
        rod(0.72 - 0.29 * y, (0, y + 0.1, 0), (0, y + 0.42, 0), WHITE, top=0.72 - 0.29 * (y + 0.32))
        for y in (0.55, 1.2)
    ]
    return join(box((1.8, 0.14, 1.8), (0, 0.07, 0), "#e0560a"), cone, bands)


def windmill() -> Trimesh:
    """A stone tower with a brown cap and four white sails."""
    tower = join(
        rod(0.75, (0, 0, 0), (0, 2.4, 0), "#c9b79a", top=0.5), rod(0.62, (0, 2.4, 0), (0, 3.0, 0), "#7a3b1c", top=0)
    )
    arms = [box((0.09, 3.4, 0.06), (0, 2.35, 0.72), BROWN, (0, 0, a)) for a in (45, 135)]
    angles = np.radians([45, 135, 225, 315])
    cloth = [
        box(
            (0.42, 1.15, 0.05),
            (1.08 * np.cos(a) - 0.2 * np.sin(a), 2.35 + 1.08 * np.sin(a) + 0.2 * np.cos(a), 0.74),
            WHITE,
            (0, 0, np.degrees(a) - 90),
        )
        for a in angles
    ]
    return join(tower, arms, cloth, ball(0.14, (0, 2.35, 0.74), BROWN), box((0.4, 0.7, 0.1), (0, 0.35, 0.7), "#4a2a12"))


def mailbox() -> Trimesh:
    """An American mailbox: a blue arched box with a red flag on a post."""
    blue = "#3564b8"
    arch = prism(
        [(-0.5, 0), (0.5, 0), *[(x, y) for x, y, _ in arc(0.5, 0, 180, (0, 0.45, 0), 12)]],
        1.5,
        (0, 1.6, 0),
        blue,
        (0, 60, 0),
    )
    flag = join(box((0.07, 0.8, 0.07), (0.35, 2.4, 0.55), RED), box((0.4, 0.28, 0.07), (0.55, 2.7, 0.55), RED))
    return join(arch, flag, box((0.26, 1.7, 0.26), (0, 0.8, 0), "#8a5a2c"))


def anchor() -> Trimesh:
    """A dark blue ship's anchor with a wooden stock and a golden ring."""
    navy = "#27407a"
    flukes = [prism([(s * 0.95, 0.75), (s * 1.5, 0.8), (s * 1.25, 1.3)], 0.22, (0, 0, 0), navy) for s in (-1, 1)]
    return join(
        ring(0.3, 0.1, (0, 3.0, 0), "#e0a526"),
        rod(0.14, (0, 0.1, 0), (0, 2.75, 0), navy),
        rod(0.14, (-0.8, 2.3, 0), (0.8, 2.3, 0), "#8a5a2c"),
        tube(arc((1.2, 0.95), 180, 360, (0, 1.0, 0), 20), 0.15, navy),
        flukes,
    )
