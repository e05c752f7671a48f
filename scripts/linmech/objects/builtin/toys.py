"""Built-in toys and treats; see `linmech.builtin_shapes` for the conventions."""

import numpy as np
from trimesh import Trimesh

from linmech.objects.builtin.shapes import arc, ball, box, gores, join, polygon, prism, ring, rod, tube

WHITE, BLACK, BROWN, GOLD = "#f6f6f2", "#1c1c20", "#6e4423", "#e0a526"


def snowman() -> Trimesh:
    """Three white balls, hat, scarf, carrot nose and stick arms."""
    balls = [ball(r, (0, y, 0), WHITE) for r, y in ((0.85, 0.8), (0.6, 2.0), (0.44, 2.85))]
    hat = join(rod(0.55, (0, 3.15, 0), (0, 3.22, 0), BLACK), rod(0.36, (0, 3.2, 0), (0, 3.75, 0), BLACK))
    dots = [ball(0.08, p, BLACK) for p in ((-0.16, 2.97, 0.4), (0.16, 2.97, 0.4), (0, 2.2, 0.57), (0, 1.9, 0.58))]
    arms = [rod(0.06, (s * 0.5, 2.1, 0), (s * 1.25, 2.6, 0), BROWN) for s in (-1, 1)]
    scarf = ring(0.44, 0.13, (0, 2.48, 0), "#d0202c", (90, 0, 0))
    return join(balls, hat, dots, arms, scarf, rod(0.1, (0, 2.83, 0.4), (0, 2.8, 0.9), "#f27a1a", top=0))


def teddy_bear() -> Trimesh:
    """A sitting brown bear with a lighter snout and belly."""
    fur, light = "#9a5b2a", "#e2b47c"
    body = join(
        ball((0.8, 0.9, 0.65), (0, 0.95, 0), fur),
        ball((0.5, 0.6, 0.3), (0, 0.95, 0.45), light),
        ball(0.66, (0, 2.2, 0), fur),
    )
    ears = [
        m
        for s in (-1, 1)
        for m in (
            ball((0.28, 0.28, 0.15), (s * 0.55, 2.72, 0), fur),
            ball((0.16, 0.16, 0.1), (s * 0.55, 2.72, 0.1), light),
        )
    ]
    limbs = [
        m
        for s in (-1, 1)
        for m in (
            ball((0.25, 0.6, 0.25), (s * 0.92, 1.2, 0.15), fur, (0, 0, s * 35)),
            ball((0.33, 0.33, 0.55), (s * 0.6, 0.33, 0.6), fur),
            ball((0.22, 0.22, 0.08), (s * 0.62, 0.35, 1.12), light),
        )
    ]
    face = [ball((0.3, 0.24, 0.2), (0, 2.05, 0.55), light), ball((0.11, 0.08, 0.08), (0, 2.15, 0.75), BLACK)] + [
        ball(0.08, (s * 0.24, 2.4, 0.58), BLACK) for s in (-1, 1)
    ]
    return join(body, ears, limbs, face)


def rubber_duck() -> Trimesh:
    """A yellow bath duck with an orange bill, seen from the side."""
    yellow = "#ffd91a"
    body = join(
        ball((1.1, 0.65, 0.75), (0, 0.65, 0), yellow),
        ball(0.56, (0.65, 1.65, 0), yellow),
        rod(0.35, (-0.75, 0.8, 0), (-1.35, 1.35, 0), yellow, top=0.02),
    )
    wings = [ball((0.55, 0.35, 0.12), (-0.15, 0.8, s * 0.72), "#f2bd00", (0, 0, 15)) for s in (-1, 1)]
    eyes = [ball(0.1, (0.95, 1.82, s * 0.38), BLACK) for s in (-1, 1)]
    return join(body, wings, eyes, ball((0.38, 0.12, 0.25), (1.28, 1.55, 0), "#ff7a14"))


def piggy_bank() -> Trimesh:
    """A pink pig with snout, ears, legs, a coin slot and a coin, seen from the side."""
    pink, dark = "#f59bb5", "#d9658a"
    body = ball((1.15, 0.85, 0.8), (0, 1.15, 0), pink)
    legs = [rod(0.24, (x, 0, z), (x, 0.7, z), dark) for x in (-0.6, 0.6) for z in (-0.4, 0.4)]
    snout = join(
        rod(0.36, (1.0, 1.15, 0), (1.42, 1.15, 0), dark),
        [ball(0.08, (1.42, 1.15, s * 0.14), "#8a2f4d") for s in (-1, 1)],
    )
    ears = [rod(0.22, (0.65, 1.75, s * 0.38), (0.8, 2.2, s * 0.48), dark, top=0) for s in (-1, 1)]
    eyes = [ball(0.09, (1.0, 1.5, s * 0.42), BLACK) for s in (-1, 1)]
    coin = rod(0.34, (-0.15, 2.12, -0.04), (-0.15, 2.12, 0.04), "#ffcf2e")
    tail = ring(0.17, 0.06, (-1.25, 1.35, 0), dark)
    return join(body, legs, snout, ears, eyes, coin, tail)


def star() -> Trimesh:
    """A five-pointed yellow star."""
    return join(
        prism(polygon(10, (1.2, 0.52), 90), 0.4, (0, 1.2, 0), "#ffd400"),
        prism(polygon(10, (0.75, 0.33), 90), 0.5, (0, 1.2, 0), "#ffea70"),
    )


def lollipop() -> Trimesh:
    """A red and white swirl on a white stick."""
    turns = np.linspace(0.4, 5.3 * np.pi, 80)
    swirl = [(0.052 * t * np.cos(t), 2.4 + 0.052 * t * np.sin(t), 0) for t in turns]
    return join(
        tube(swirl, 0.16, "#e8264a"),
        rod(0.93, (0, 2.4, -0.12), (0, 2.4, 0.12), WHITE),
        box((0.13, 1.7, 0.13), (0, 0.8, 0), "#e9ecef"),
    )


def robot() -> Trimesh:
    """A grey toy robot with green eyes."""
    steel, dark = "#a9b7c6", "#56636f"
    body = [
        box((1.2, 1.2, 0.8), (0, 1.5, 0), steel),
        box((0.95, 0.8, 0.8), (0, 2.65, 0), steel),
        box((0.7, 0.5, 0.06), (0, 1.6, 0.42), "#2f6fd0"),
    ]
    limbs = [
        m
        for s in (-1, 1)
        for m in (box((0.28, 1.1, 0.4), (s * 0.8, 1.5, 0), dark), box((0.4, 0.9, 0.5), (s * 0.35, 0.45, 0.05), dark))
    ]
    face = [ball(0.15, (s * 0.22, 2.75, 0.4), "#39ff6a") for s in (-1, 1)] + [
        box((0.5, 0.1, 0.06), (0, 2.42, 0.41), dark)
    ]
    return join(body, limbs, face, rod(0.04, (0, 3.05, 0), (0, 3.4, 0), dark), ball(0.12, (0, 3.45, 0), "#e8264a"))


def drum() -> Trimesh:
    """A red drum with golden hoops, white skin and two sticks."""
    shell = join(rod(1.1, (0, 0, 0), (0, 1.2, 0), "#c81e3a"), rod(1.05, (0, 1.2, 0), (0, 1.26, 0), WHITE))
    hoops = [ring(1.1, 0.1, (0, y, 0), GOLD, (90, 0, 0)) for y in (0.08, 1.2)]
    zigzag = [
        rod(0.04, (1.12 * np.sin(a), 0.15, 1.12 * np.cos(a)), (1.12 * np.sin(a + d), 1.1, 1.12 * np.cos(a + d)), WHITE)
        for a in np.arange(12) * np.pi / 6
        for d in (0.26, -0.26)
    ]
    sticks = [rod(0.06, (s * 0.2, 1.35, 0.2), (s * 1.3, 2.1, -0.3), "#d9a566") for s in (-1, 1)]
    return join(shell, hoops, zigzag, sticks, [ball(0.12, (s * 0.2, 1.38, 0.2), "#d9a566") for s in (-1, 1)])


def beach_ball() -> Trimesh:
    """A ball of six coloured segments."""
    half = [(x, y) for x, y, _ in arc(1.0, -90, 90, count=20)]
    segments = gores(half, ("#e8264a", WHITE, "#2f7fe0", "#ffd91a", WHITE, "#2fb45a"), 6)
    whole = join(segments, ball((0.25, 0.06, 0.25), (0, 0.98, 0), WHITE))
    whole.apply_transform(np.array([[1, 0, 0, 0], [0, 0.82, -0.57, 0], [0, 0.57, 0.82, 0], [0, 0, 0, 1.0]]))
    return whole


def birthday_cake() -> Trimesh:
    """Two tiers, pink and white, with candles."""
    tiers = join(rod(1.2, (0, 0, 0), (0, 0.75, 0), "#ff7fb0"), rod(0.8, (0, 0.75, 0), (0, 1.35, 0), "#fff1d8"))
    cream = [ball(0.13, (1.15 * np.sin(a), 0.78, 1.15 * np.cos(a)), WHITE) for a in np.arange(0, 6.2, 0.42)]
    sticks = [(0.5 * np.sin(a), 0.5 * np.cos(a)) for a in np.arange(0, 6.2, 1.2566)]
    candles = [rod(0.07, (x, 1.35, z), (x, 1.95, z), "#3b7de0") for x, z in sticks]
    flames = [ball((0.09, 0.17, 0.09), (x, 2.1, z), "#ffb020") for x, z in sticks]
    return join(tiers, cream, candles, flames, rod(1.45, (0, -0.1, 0), (0, 0, 0), "#c9d3dc"))
