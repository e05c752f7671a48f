"""Coloured solids from which the built-in objects are put together: y is up, the front looks along +z.

Every function returns one `trimesh.Trimesh` with vertex colours in linear light (as glTF's COLOR_0 wants them) and
hard edges where faces meet at more than 35 degrees. Colours are given as "#rrggbb" (sRGB).
"""

from collections.abc import Sequence

import numpy as np
import trimesh
from jaxtyping import Float
from scipy.interpolate import CubicSpline
from trimesh.transformations import euler_matrix

from linmech.objects.colours import linear

Number = float | int
Point = Sequence[Number] | np.ndarray
HARD_EDGE = np.radians(35)


def finish(
    mesh: trimesh.Trimesh, colour: str, at: Point = (0, 0, 0), turn: Point = (0, 0, 0), edges: bool = True
) -> trimesh.Trimesh:
    """Turn (degrees about x, then y, then z), move, split the hard edges (if any) and colour a mesh."""
    mesh.apply_transform(euler_matrix(*np.radians(turn)))
    mesh.apply_translation(at)
    if edges:
        mesh = trimesh.graph.smooth_shade(mesh, angle=HARD_EDGE)
    mesh.visual = trimesh.visual.ColorVisuals(mesh, vertex_colors=np.tile(linear(colour), (len(mesh.vertices), 1)))
    return mesh


def join(*parts: trimesh.Trimesh | Sequence[trimesh.Trimesh]) -> trimesh.Trimesh:
    """One mesh of all parts (lists of parts are unpacked)."""
    flat = [mesh for part in parts for mesh in ([part] if isinstance(part, trimesh.Trimesh) else part)]
    return trimesh.util.concatenate(flat)


def box(size: Point, at: Point, colour: str, turn: Point = (0, 0, 0)) -> trimesh.Trimesh:
    """A cuboid of `size` (x, y, z) about the centre `at`."""
    return finish(trimesh.creation.box(extents=size), colour, at, turn)


def ball(radius: Number | Point, at: Point, colour: str, turn: Point = (0, 0, 0)) -> trimesh.Trimesh:
    """A sphere, or an ellipsoid with three radii, about the centre `at`."""
    radii = np.broadcast_to(np.asarray(radius, float), 3)
    mesh = trimesh.creation.icosphere(subdivisions=2 if radii.max() < 0.25 else 3)
    mesh.apply_scale(radii)
    return finish(mesh, colour, at, turn, edges=False)


def lathe(
    profile: Sequence[Point] | np.ndarray, at: Point, colour: str, turn: Point = (0, 0, 0), sections: int = 32
) -> trimesh.Trimesh:
    """A solid of revolution about the y axis; `profile` is a list of (radius, height) from the bottom to the top."""
    mesh = trimesh.creation.revolve(np.asarray(profile, float), sections=sections)
    mesh.apply_transform(euler_matrix(-np.pi / 2, 0, 0))
    return finish(mesh, colour, at, turn)


def gores(profile: Sequence[Point] | np.ndarray, colours: Sequence[str], count: int = 8) -> list[trimesh.Trimesh]:
    """A solid of revolution cut like an orange into `count` segments that take the colours in turn."""
    width = 2 * np.pi / count
    parts = []
    for number in range(count):
        mesh = trimesh.creation.revolve(np.asarray(profile, float), angle=width, sections=6)
        mesh.apply_transform(euler_matrix(-np.pi / 2, 0, 0))
        parts.append(finish(mesh, colours[number % len(colours)], turn=(0, np.degrees(width) * number, 0)))
    return parts


def curve(points: Sequence[Point], count: int = 24) -> Float[np.ndarray, "point radius_height=2"]:
    """A smooth profile for `lathe` through the points (radius, height); radii never below 0."""
    points = np.asarray(points, float)
    along = np.append(0, np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1)))
    smooth = CubicSpline(along, points)(np.linspace(0, along[-1], count))
    smooth[:, 0] = np.maximum(smooth[:, 0], 0)
    smooth[[0, -1]] = points[[0, -1]]
    return smooth


def rod(
    radius: Number, start: Point, end: Point, colour: str, top: Number | None = None, sections: int = 24
) -> trimesh.Trimesh:
    """A cylinder from `start` to `end`; with `top` (the radius at `end`, 0 for a cone) a frustum."""
    axis = np.subtract(end, start).astype(float)
    length = float(np.linalg.norm(axis))
    outline = [(0, 0), (radius, 0), (radius if top is None else top, length)]
    mesh = trimesh.creation.revolve(
        np.asarray(outline if top == 0 else [*outline, (0, length)], float), sections=sections
    )
    mesh.apply_transform(trimesh.geometry.align_vectors([0, 0, 1], axis / length))
    return finish(mesh, colour, start)


def ring(radius: Number, thickness: Number, at: Point, colour: str, turn: Point = (0, 0, 0)) -> trimesh.Trimesh:
    """A torus whose hole looks along z; `thickness` is the radius of its tube."""
    return finish(
        trimesh.creation.torus(radius, thickness, major_sections=32, minor_sections=12), colour, at, turn, False
    )


def prism(outline: Sequence[Point], depth: Number, at: Point, colour: str, turn: Point = (0, 0, 0)) -> trimesh.Trimesh:
    """A flat plate in the xy plane, `depth` thick along z; the outline (x, y) is seen whole from its mean point."""
    flat = np.asarray(outline, float)
    count = len(flat)
    rim = np.vstack([np.column_stack([flat, np.full(count, z)]) for z in (-depth / 2, depth / 2)])
    centre = np.append(flat.mean(axis=0), 0.0) + np.outer([-1, 1], [0, 0, depth / 2])
    near, following = np.arange(count), np.roll(np.arange(count), -1)
    faces = [
        np.column_stack([near, following, following + count]),
        np.column_stack([near, following + count, near + count]),
        np.column_stack([following, near, np.full(count, 2 * count)]),
        np.column_stack([near + count, following + count, np.full(count, 2 * count + 1)]),
    ]
    mesh = trimesh.Trimesh(np.vstack([rim, centre]), np.vstack(faces), process=False)
    mesh.fix_normals()
    return finish(mesh, colour, at, turn)


def tube(points: Sequence[Point], radius: Number | Point, colour: str, sections: int = 14) -> trimesh.Trimesh:
    """A round tube along a polyline; `radius` is one number or one per point (0 makes a tip)."""
    path = np.asarray(points, float)
    radii = np.broadcast_to(np.asarray(radius, float), len(path))
    tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    rings = np.vstack([_circle(p, t, r, sections) for p, t, r in zip(path, tangent, radii, strict=True)])
    start, following = np.arange(sections), np.roll(np.arange(sections), -1)
    sides = [
        np.vstack([np.column_stack([a, b, b + sections]), np.column_stack([a, b + sections, a + sections])])
        for a, b in ((start + k * sections, following + k * sections) for k in range(len(path) - 1))
    ]
    last = (len(path) - 1) * sections
    caps = [np.column_stack([following, start, np.full(sections, len(rings))])]
    caps += [np.column_stack([start + last, following + last, np.full(sections, len(rings) + 1)])]
    mesh = trimesh.Trimesh(np.vstack([rings, path[:1], path[-1:]]), np.vstack(sides + caps), process=False)
    mesh.fix_normals()
    return finish(mesh, colour)


def _circle(centre: np.ndarray, axis: np.ndarray, radius: Number, sections: int) -> Float[np.ndarray, "section xyz=3"]:
    """Points of a circle about `axis`, starting from a direction that does not depend on the neighbours."""
    helper = np.array([0.0, 0.0, 1.0]) if abs(axis[2]) < 0.9 else np.array([0.0, 1.0, 0.0])
    u = np.cross(helper, axis)
    u /= np.linalg.norm(u)
    angle = np.linspace(0, 2 * np.pi, sections, endpoint=False)[:, None]
    return centre + radius * (np.cos(angle) * u + np.sin(angle) * np.cross(axis, u))


def arc(radius: Number | Point, start: Number, stop: Number, at: Point = (0, 0, 0), count: int = 16) -> list[Point]:
    """Points of an arc in the xy plane about `at`, from `start` to `stop` degrees (0 = +x, 90 = +y)."""
    rx, ry = np.broadcast_to(np.asarray(radius, float), 2)
    angles = np.radians(np.linspace(start, stop, count))
    return [[at[0] + rx * np.cos(a), at[1] + ry * np.sin(a), at[2]] for a in angles]


def polygon(sides: int, radius: Number | Point, turn: Number = 0.0) -> list[Point]:
    """Corners (x, y) of a regular polygon; with two radii they alternate, which makes a star."""
    radii = np.resize(np.asarray(radius, float), 2)
    angles = np.radians(turn + np.arange(sides) * 360 / sides)
    return [[radii[k % 2] * np.cos(a), radii[k % 2] * np.sin(a)] for k, a in enumerate(angles)]
