"""Meshes in the form that pyrender draws, and the lights that they are seen in."""

import types
from dataclasses import dataclass
from typing import Any

import numpy as np
import trimesh
from jaxtyping import Float
from trimesh.transformations import euler_matrix

# (intensity, elevation, azimuth in degrees): key from the upper left, fill from the right, a rim from behind.
LIGHTS = ((2.6, 45, -35), (1.1, 20, 55), (1.0, 60, 180))
AMBIENT = 0.32
ROUGHNESS = 0.7


@dataclass(frozen=True)
class Solid:
    """A mesh ready to draw (`drawn`), its vertices, and the centre and extents of its bounding box.

    `source` is the mesh that it was made from, kept alive so that its id() stays its own.
    """

    drawn: Any
    points: Float[np.ndarray, "vertex xyz=3"]
    centre: Float[np.ndarray, " xyz=3"]
    extents: Float[np.ndarray, " xyz=3"]
    source: trimesh.Trimesh | trimesh.Scene


def solid(gl: types.ModuleType, mesh: trimesh.Trimesh | trimesh.Scene) -> Solid:
    """The mesh, or the scene of parts in world coordinates, as one `gl.Mesh` (gl = pyrender)."""
    parts = [mesh] if isinstance(mesh, trimesh.Trimesh) else list(mesh.geometry.values())
    points = np.vstack([part.vertices[np.unique(part.faces)] for part in parts])
    low, high = points.min(axis=0), points.max(axis=0)
    return Solid(gl.Mesh([_primitive(gl, part) for part in parts]), points, (low + high) / 2, high - low, mesh)


def lit_scene(gl: types.ModuleType, solids: list[tuple[Solid, np.ndarray]], lens: Any, pose: np.ndarray) -> Any:
    """A pyrender scene: solids at their poses (named by their number), a camera at `pose`, the lights."""

    class Scene(gl.Scene):
        """pyrender keeps lights in a set, and sums them in an order that depends on where they lie in memory."""

        @property
        def light_nodes(self) -> list:
            return sorted(super().light_nodes, key=lambda node: node.name)

    scene = Scene(bg_color=[0, 0, 0, 0], ambient_light=[AMBIENT] * 3)
    for number, (item, model) in enumerate(solids):
        scene.add(item.drawn, pose=model, name=str(number))
    scene.add(lens, pose=pose)
    for number, (intensity, elevation, azimuth) in enumerate(LIGHTS):
        turn = euler_matrix(-np.radians(elevation), np.radians(azimuth), 0, "sxyz")
        scene.add(gl.DirectionalLight(color=np.ones(3), intensity=intensity), pose=turn, name=f"light {number}")
    return scene


def _primitive(gl: types.ModuleType, part: trimesh.Trimesh) -> Any:
    """A matt, opaque primitive with vertex colours (linear light) or a base-colour texture."""
    arrays = {"positions": part.vertices, "normals": part.vertex_normals, "indices": part.faces}
    factor, texture = np.ones(4), None
    if part.visual.kind == "texture":
        factor = np.asarray(part.visual.material.baseColorFactor, float) / 255
        texture = gl.Texture(source=np.asarray(part.visual.material.baseColorTexture), source_channels="RGB")
        arrays["texcoord_0"] = part.visual.uv
    else:
        arrays["color_0"] = part.visual.vertex_colors / 255
    material = gl.MetallicRoughnessMaterial(
        baseColorFactor=factor,
        baseColorTexture=texture,
        metallicFactor=0.0,
        roughnessFactor=ROUGHNESS,
        doubleSided=True,
    )
    return gl.Primitive(**arrays, material=material, mode=gl.constants.GLTF.TRIANGLES)
