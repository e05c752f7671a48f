"""Meshes to pictures with alpha: sprites for composed images and whole scenes on a ground plane (pyrender, off screen).

World: y is up, objects face +z; lengths in metres, angles in degrees. Pictures are 8-bit sRGB with straight alpha.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import trimesh
from jaxtyping import Bool, Float, UInt8
from PIL import Image
from trimesh.transformations import rotation_matrix, translation_matrix

from linmech.errors import LinmechError
from linmech.rendering.ground import Camera, Placed, ground_layer, over, stand
from linmech.rendering.opengl import import_pyrender, the_screen
from linmech.rendering.solids import Solid, lit_scene, solid

FOV = 30.0
SUPERSAMPLE = 3
MARGIN_PX = 2
CACHED_MESHES = 128


class SceneImage(NamedTuple):
    """A scene's picture, the visible pixels of each object, and how far along the view each object's centre is (m)."""

    rgba: UInt8[np.ndarray, "height width 4"]
    masks: Bool[np.ndarray, "object height width"]
    depth: Float[np.ndarray, " object"]


class Renderer:
    """An off-screen renderer; `size_px` is the long side of a sprite and the side of a scene's square picture.

    Raises LinmechError when this machine has no OpenGL that works without a screen.
    """

    def __init__(self, size_px: int):
        self.size_px = size_px
        self._gl = import_pyrender()
        self._screen = the_screen()
        self._solids: OrderedDict[int, Solid] = OrderedDict()

    def render_sprite(
        self, mesh: trimesh.Trimesh | trimesh.Scene, yaw: float | int, elevation: float | int = 15.0
    ) -> UInt8[np.ndarray, "height width 4"]:
        """The object alone, turned by `yaw` and seen from `elevation` degrees above; cropped, long side = `size_px`.

        The camera stands r/sin(fov/2) from the centre of the bounding box, r being the farthest vertex's distance; its
        lens is shifted and zoomed to the object. Transparent materials are drawn opaque. Raises LinmechError when
        nothing is visible.
        """
        item = self._solid(mesh)
        model = rotation_matrix(np.radians(yaw), [0, 1, 0]) @ translation_matrix(-item.centre)
        distance = np.linalg.norm(item.points - item.centre, axis=1).max() / np.sin(np.radians(FOV / 2))
        pose = rotation_matrix(-np.radians(elevation), [1, 0, 0])
        pose[:3, 3] = distance * pose[:3, 2]
        seen = trimesh.transform_points(item.points, np.linalg.inv(pose) @ model)
        side = self.size_px * SUPERSAMPLE + 2 * MARGIN_PX
        picture = self._draw(lit_scene(self._gl, [(item, model)], self._tight_lens(seen, side), pose), side)
        rows, columns = (np.flatnonzero(picture[..., 3].any(axis=axis)) for axis in (1, 0))
        if not len(rows):
            raise LinmechError("the mesh leaves no visible pixel; remove it or repair it")
        return _straight(picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], self.size_px)

    def render_scene(
        self,
        objects: Sequence[tuple],
        camera: Camera,
        ground: Sequence[float | int] | None = None,
        props: Sequence[tuple[trimesh.Trimesh, Float[np.ndarray, "4 4"]]] = (),
    ) -> SceneImage:
        """Objects (`Placed`, or tuples in its order) on the plane y = 0, with contact shadows, transparent elsewhere.

        `ground` tints the plane: sRGB 0..255 and opacity 0..1. `props` are meshes and where they are (model to world):
        they are seen and hide what is behind them, but have no mask and no shadow. At most 255 of both together.
        """
        placed = [Placed(*item) for item in objects]
        solids = [self._solid(item.mesh) for item in placed]
        models = [stand(item, body.centre, body.extents) for item, body in zip(placed, solids, strict=True)]
        lens = self._gl.PerspectiveCamera(yfov=np.radians(camera.fov), aspectRatio=1.0, znear=0.05, zfar=200.0)
        drawn = [*zip(solids, models, strict=True), *((self._solid(mesh), pose) for mesh, pose in props)]
        scene = lit_scene(self._gl, drawn, lens, camera.pose())
        picture = self._draw(scene, self.size_px)
        masks = self._masks(scene, len(placed))
        under = ground_layer(placed, [body.extents for body in solids], camera, self.size_px, ground)
        centres = [(model @ [*body.centre, 1])[:3] for model, body in zip(models, solids, strict=True)]
        depth = (np.reshape(centres, (-1, 3)) - camera.pose()[:3, 3]) @ -camera.pose()[:3, 2]
        return SceneImage(_straight(over(picture, under), self.size_px), masks, depth)

    def extents(self, mesh: trimesh.Trimesh | trimesh.Scene) -> Float[np.ndarray, " xyz=3"]:
        """Width, height and length of a mesh's bounding box, in its own units."""
        return self._solid(mesh).extents

    def _solid(self, mesh: trimesh.Trimesh | trimesh.Scene) -> Solid:
        """The mesh in pyrender's form, remembered for the last meshes used."""
        if id(mesh) not in self._solids:
            self._solids[id(mesh)] = solid(self._gl, mesh)
        self._solids.move_to_end(id(mesh))
        while len(self._solids) > CACHED_MESHES:
            self._solids.popitem(last=False)
        return self._solids[id(mesh)]

    def _tight_lens(self, seen: Float[np.ndarray, "vertex xyz=3"], side: int) -> Any:
        """A lens whose square picture (`side` px) just holds the vertices, given in camera coordinates."""
        flat = seen[:, :2] / -seen[:, 2:]
        low, high = flat.min(axis=0), flat.max(axis=0)
        focal = (side - 2 * MARGIN_PX) / (high - low).max()
        x, y = side / 2 + focal * (low + high) / 2 * [-1, 1]
        near, far = -0.9 * seen[:, 2].max(), -1.1 * seen[:, 2].min()
        return self._gl.IntrinsicsCamera(focal, focal, x, y, znear=near, zfar=far)

    def _draw(self, scene: Any, side: int) -> UInt8[np.ndarray, "height width 4"]:
        """Colour premultiplied by alpha (multisampled edges mix with transparent black)."""
        self._screen.viewport_width = self._screen.viewport_height = side
        flags = self._gl.RenderFlags.RGBA | self._gl.RenderFlags.SKIP_CULL_FACES
        return np.array(self._screen.render(scene, flags)[0])

    def _masks(self, scene: Any, count: int) -> Bool[np.ndarray, "object height width"]:
        """Which pixels show which of the first `count` nodes, from a pass that paints each in its own number."""
        numbers = {node: np.array([int(node.name) + 1, 0, 0]) for node in scene.mesh_nodes}
        flags = self._gl.RenderFlags.SEG | self._gl.RenderFlags.SKIP_CULL_FACES
        painted = self._screen.render(scene, flags, numbers)[0][..., 0]
        return painted[None] == np.arange(1, count + 1)[:, None, None]


def _straight(
    picture: UInt8[np.ndarray, "height_in width_in 4"], long_side: int
) -> UInt8[np.ndarray, "height width 4"]:
    """A premultiplied picture with straight alpha, its long side brought to `long_side` by a box filter."""
    height, width = picture.shape[:2]
    scale = long_side / max(height, width)
    image = Image.frombytes("RGBa", (width, height), np.ascontiguousarray(picture).tobytes())
    if scale != 1:
        image = image.resize((max(1, round(width * scale)), max(1, round(height * scale))), Image.Resampling.BOX)
    return np.array(image.convert("RGBA"))
