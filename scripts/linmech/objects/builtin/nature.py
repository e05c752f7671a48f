"""Built-in food, plants and animals; see `linmech.builtin_shapes` for the conventions."""

import numpy as np
from trimesh import Trimesh
from trimesh.transformations import rotation_matrix

from linmech.objects.builtin.shapes import arc, ball, curve, join, lathe, ring, rod, tube

WHITE, BLACK, BROWN, GREEN = "#f6f6f2", "#1c1c20", "#6e4423", "#2f9e3a"


def apple() -> Trimesh:
    """A red apple with a leaf."""
    outline = curve([(0, 0.12), (0.3, 0), (0.72, 0.2), (1, 0.95), (0.85, 1.5), (0.4, 1.68), (0, 1.35)])
    return join(
        lathe(outline, (0, 0, 0), "#d3202a"),
        tube([(0, 1.35, 0), (0.05, 1.7, 0), (0.18, 2.0, 0)], 0.07, BROWN),
        ball((0.42, 0.05, 0.2), (0.52, 1.9, 0), GREEN, (0, 0, 25)),
    )


def banana() -> Trimesh:
    """A yellow crescent with dark ends."""
    points = arc(1.5, 200, 330, (0, 1.6, 0), 20)
    radii = 0.4 * np.sin(np.linspace(0.25, np.pi - 0.25, 20)) ** 0.6
    return join(
        tube(points, radii, "#f7d321"),
        ball(0.17, points[0], "#5b4a1a"),
        tube(arc(1.5, 328, 342, (0, 1.6, 0), 6), 0.14, "#6b5a1e"),
    )


def carrot() -> Trimesh:
    """An orange cone with green leaves, aslant."""
    root = lathe([(0, 0), (0.1, 0.1), (0.55, 1.9), (0.5, 2.15), (0, 2.25)], (0, 0, 0), "#f27a1a")
    rings = [ring(0.16 + 0.12 * k, 0.03, (0, 0.4 + 0.45 * k, 0), "#c65a10", (90, 0, 0)) for k in range(4)]
    leaves = [
        tube([(0, 2.1, 0), (0.25 * x, 2.7, 0.2 * z), (0.6 * x, 3.2, 0.4 * z)], [0.07, 0.2, 0.02], GREEN)
        for x, z in ((-1, 0), (1, 0), (0, 1), (0, -1), (0.1, 0.1))
    ]
    return join(root, rings, leaves).apply_transform(rotation_matrix(np.radians(-40), [0, 0, 1]))


def mushroom() -> Trimesh:
    """A toadstool: white stem, red cap with white dots."""
    stem = lathe([(0, 0), (0.5, 0), (0.36, 0.5), (0.32, 1.2), (0, 1.2)], (0, 0, 0), "#f2e6cf")
    dome = curve([(1.2, 1.0), (1.18, 1.2), (0.95, 1.7), (0.5, 2.05), (0, 2.15)], 14)
    cap = lathe(np.vstack([[(0, 1.05)], dome]), (0, 0, 0), "#c8141c")
    dots = [
        ball(0.17, (1.02 * np.sin(a), 1.55, 1.02 * np.cos(a)), WHITE) for a in np.radians([0, 55, 110, 180, 250, 305])
    ]
    return join(stem, cap, dots, [ball(0.16, (0.5 * np.sin(a), 2.0, 0.5 * np.cos(a)), WHITE) for a in (0.5, 2.6, 4.7)])


def cactus() -> Trimesh:
    """A green saguaro with two arms in a clay pot."""
    green = "#3f8f4a"
    pot = lathe([(0, 0), (0.5, 0), (0.68, 0.7), (0.75, 0.7), (0.75, 0.9), (0, 0.85)], (0, 0, 0), "#c8683c")
    trunk = join(rod(0.36, (0, 0.8, 0), (0, 2.8, 0), green), ball(0.36, (0, 2.8, 0), green))
    left = join(
        tube([(0, 1.5, 0), (-0.6, 1.5, 0), (-0.8, 1.62, 0), (-0.85, 1.85, 0), (-0.85, 2.3, 0)], 0.22, green),
        ball(0.22, (-0.85, 2.3, 0), green),
    )
    right = join(
        tube([(0, 1.8, 0), (0.6, 1.8, 0), (0.8, 1.92, 0), (0.85, 2.1, 0), (0.85, 2.7, 0)], 0.2, green),
        ball(0.2, (0.85, 2.7, 0), green),
    )
    return join(pot, trunk, left, right, ball(0.17, (0, 3.2, 0), "#ff5fa8"))


def tree() -> Trimesh:
    """A brown trunk under a round dark green crown."""
    crown = [
        ball(r, p, "#1f7a2e")
        for r, p in ((0.85, (0, 2.5, 0)), (0.65, (-0.7, 2.05, 0)), (0.65, (0.7, 2.05, 0)), (0.6, (0, 2.0, 0.6)))
    ]
    return join(rod(0.26, (0, 0, 0), (0, 1.8, 0), "#7a4a22", top=0.2), crown)


def pineapple() -> Trimesh:
    """A golden body with a tuft of leaves."""
    body = ball((0.95, 1.05, 0.95), (0, 1.0, 0), "#c98a14")
    bumps = [
        ball(0.1, (0.95 * np.sin(a + 0.35 * (k % 2)) * s, y, 0.95 * np.cos(a + 0.35 * (k % 2)) * s), "#6e420c")
        for k, y in enumerate((0.4, 0.7, 1.0, 1.3, 1.6))
        for s in [np.sqrt(1 - (y - 1) ** 2)]
        for a in np.arange(0, 6.2, 0.7)
    ]
    leaves = [
        tube(
            [(0, 1.85, 0), (0.25 * np.sin(a), 2.35, 0.25 * np.cos(a)), (r * np.sin(a), y, r * np.cos(a))],
            [0.12, 0.13, 0.01],
            "#2c8a3c",
        )
        for r, y in ((0.7, 2.6), (0.4, 3.0))
        for a in np.arange(0, 6.2, 1.05)
    ]
    return join(body, bumps, leaves)


def ice_cream() -> Trimesh:
    """A waffle cone with a pink and a mint scoop and a cherry."""
    cone = rod(0.05, (0, 0, 0), (0, 1.7, 0), "#d89a4e", top=0.62)
    return join(
        cone,
        ball(0.72, (0, 1.95, 0), "#ff9ec4"),
        ball(0.56, (0, 2.75, 0), "#a9ecc9"),
        ball(0.18, (0, 3.35, 0), "#c01028"),
    )


def sunflower() -> Trimesh:
    """Yellow petals round a brown disc on a green stem."""
    petals = [
        ball((0.42, 0.16, 0.07), (0.85 * np.cos(a), 2.6 + 0.85 * np.sin(a), 0), "#ffc400", (0, 0, np.degrees(a)))
        for a in np.arange(0, 6.2, 0.4488)
    ]
    leaves = [ball((0.45, 0.16, 0.08), (s * 0.42, 1.0 + 0.1 * s, 0), GREEN, (0, 0, s * 30)) for s in (-1, 1)]
    return join(
        petals,
        ball((0.6, 0.6, 0.2), (0, 2.6, 0.05), "#5a3413"),
        rod(0.09, (0, 0, -0.05), (0, 2.3, -0.05), GREEN),
        leaves,
    )


def penguin() -> Trimesh:
    """Black back, white belly, orange beak and feet."""
    body = join(ball((0.8, 1.15, 0.7), (0, 1.2, 0), "#20242e"), ball(0.55, (0, 2.45, 0), "#20242e"))
    front = join(ball((0.6, 0.95, 0.5), (0, 1.1, 0.28), WHITE), ball((0.4, 0.3, 0.3), (0, 2.4, 0.3), WHITE))
    eyes = [ball(0.09, (s * 0.18, 2.55, 0.53), BLACK) for s in (-1, 1)]
    feet = [ball((0.3, 0.12, 0.42), (s * 0.38, 0.1, 0.3), "#ff9a1f") for s in (-1, 1)]
    wings = [ball((0.14, 0.75, 0.3), (s * 0.88, 1.35, 0), "#20242e", (0, 0, s * 18)) for s in (-1, 1)]
    return join(body, front, eyes, feet, wings, rod(0.16, (0, 2.4, 0.5), (0, 2.35, 0.95), "#ff9a1f", top=0))
