"""Mesh files from anywhere, brought into one form: y up, world coordinates, coloured by vertex or by a texture."""

from pathlib import Path
from urllib.parse import unquote

import numpy as np
import trimesh
from jaxtyping import Float
from PIL import Image
from trimesh.resolvers import Resolver
from trimesh.transformations import rotation_matrix
from trimesh.visual import ColorVisuals, TextureVisuals
from trimesh.visual.material import PBRMaterial, SimpleMaterial

from linmech.errors import LinmechError
from linmech.objects.colours import linear, linear_light

SUFFIXES = (".glb", ".gltf", ".obj", ".stl", ".ply")
MAX_FACES = 300_000
MERGE_CELLS = 256
MAX_TEXTURE_PX = 1024
DEFAULT_COLOUR = "#9aa0a6"
Z_UP = rotation_matrix(-np.pi / 2, [1, 0, 0])


class FolderResolver(Resolver):
    """Gives a mesh the files beside it and below, and nothing else.

    The first refusal is kept in `refused`, because trimesh swallows errors about textures.
    """

    def __init__(self, mesh: Path):
        self.mesh = mesh
        self.folder = mesh.resolve().parent
        self.refused: LinmechError | None = None

    def get(self, name: str) -> bytes:
        """The bytes of the file `name`; raises LinmechError if that is not inside the mesh's own folder."""
        target = (self.folder / unquote(name)).resolve()
        if "://" in name or Path(unquote(name)).is_absolute() or not target.is_relative_to(self.folder):
            self.refused = LinmechError(
                f"{self.mesh}: refers to {name!r}, outside its own folder; copy that file beside it"
            )
            raise self.refused
        if not target.is_file():
            self.refused = LinmechError(
                f"{self.mesh}: refers to {name!r}, which does not exist; copy that file beside it"
            )
            raise self.refused
        return target.read_bytes()

    def keys(self) -> list[str]:
        """Nothing can be listed."""
        return []

    def namespaced(self, namespace: str) -> "FolderResolver":
        """The same folder: there is no other one to go to."""
        return self

    def write(self, name: str, data: bytes) -> None:
        """Refused: loading a mesh writes nothing."""
        raise LinmechError(f"{self.mesh}: loading must not write {name!r}")


def load_mesh(path: str | Path, colour: str = "", up: str = "y") -> trimesh.Trimesh | trimesh.Scene:
    """Load a GLB, glTF, OBJ, STL or PLY file; parts without a colour of their own get `colour` ("#rrggbb", sRGB).

    A mesh of one part comes as a Trimesh, several parts as a scene of them; `up="z"` turns a file whose z points up.
    Above 300,000 faces in all, vertices merge on a 256-cell grid, which is finer than the pictures made here.
    Raises LinmechError, naming the file, for an unreadable or degenerate mesh and for one that reads files elsewhere.
    """
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise LinmechError(f"{path}: is not a mesh file that can be read; convert it to one of {' '.join(SUFFIXES)}")
    if not path.is_file():
        raise LinmechError(f"{path}: this mesh file does not exist")
    if up not in ("y", "z"):
        raise LinmechError(f"{path}: its upward axis is given as {up!r}; choose y or z")
    resolver = FolderResolver(path)
    try:
        parts = _read(path, resolver, colour or DEFAULT_COLOUR)
    except MemoryError:  # of this machine, not the file's fault
        raise
    except Exception as error:  # whatever a reader of foreign files may raise: this mesh cannot be used
        why = f"{path}: cannot be read as a mesh ({type(error).__name__}: {error}); repair it or replace it"
        raise resolver.refused or LinmechError(why) from error
    if resolver.refused:
        raise resolver.refused
    low, high = _bounds(parts)
    if not np.isfinite([low, high]).all() or not (high - low).max() > 0:
        raise LinmechError(f"{path}: degenerate mesh (no faces, no extent or not-a-number); repair it or replace it")
    if sum(len(part.faces) for part in parts) > MAX_FACES:
        parts = [merge_on_grid(part, float((high - low).max()) / MERGE_CELLS) for part in parts]
    parts = [part.apply_transform(Z_UP) if up == "z" else part for part in parts if len(part.faces)]
    return parts[0] if len(parts) == 1 else trimesh.Scene(parts)


def uncoloured(mesh: trimesh.Trimesh | trimesh.Scene) -> bool:
    """Whether all of a loaded mesh has the grey of files without a colour, for which none was given either."""
    parts = mesh.geometry.values() if isinstance(mesh, trimesh.Scene) else [mesh]
    plain = [part.visual.vertex_colors for part in parts if isinstance(part.visual, ColorVisuals)]
    return len(plain) == len(parts) and all((colours == linear(DEFAULT_COLOUR)).all() for colours in plain)


def _read(path: Path, resolver: FolderResolver, colour: str) -> list[trimesh.Trimesh]:
    """The meshes in the file, in world coordinates and plainly coloured; points and lines are left out."""
    suffix = path.suffix.lower()
    with path.open("rb") as stream:
        scene = trimesh.load_scene(stream, file_type=suffix[1:], resolver=resolver, process=False)
    parts = []
    for node in scene.graph.nodes_geometry:
        transform, name = scene.graph[node]
        if isinstance(scene.geometry[name], trimesh.Trimesh) and len(scene.geometry[name].faces):
            part = scene.geometry[name].copy(include_cache=True)
            part.visual = _plain_visual(part, colour, linear_file=suffix in (".glb", ".gltf"))
            parts.append(part.apply_transform(transform))
    return parts


def _bounds(parts: list[trimesh.Trimesh]) -> Float[np.ndarray, "corner=2 xyz=3"]:
    """Lowest and highest coordinates of all faces' corners; not-a-number where there are no faces."""
    if not parts:
        return np.full((2, 3), np.nan)
    corners = np.vstack([part.vertices[np.unique(part.faces)] for part in parts])
    return np.stack([corners.min(axis=0), corners.max(axis=0)])


def merge_on_grid(mesh: trimesh.Trimesh, cell: float) -> trimesh.Trimesh:
    """A coarser mesh: vertices in one cubic cell (side `cell`) become the first of them; collapsed faces vanish."""
    _, first, member = np.unique(np.floor(mesh.vertices / cell), axis=0, return_index=True, return_inverse=True)
    faces = first[member.ravel()][mesh.faces]
    coarse = mesh.copy()
    coarse.faces = faces
    coarse.update_faces((faces != np.roll(faces, 1, axis=1)).all(axis=1))
    coarse.update_faces(coarse.unique_faces())
    coarse.remove_unreferenced_vertices()
    return coarse


def _plain_visual(mesh: trimesh.Trimesh, colour: str, linear_file: bool) -> ColorVisuals | TextureVisuals:
    """Either vertex colours in linear light or a base-colour texture with its factor; nothing else survives."""
    visual, count = mesh.visual, len(mesh.vertices)
    if visual.kind == "texture":
        image, factor = _material(visual.material, colour)
        if image is not None and visual.uv is not None and len(visual.uv) == count and np.isfinite(visual.uv).all():
            image.thumbnail((MAX_TEXTURE_PX, MAX_TEXTURE_PX))
            material = PBRMaterial(baseColorTexture=image, baseColorFactor=factor)
            return TextureVisuals(uv=np.array(visual.uv), material=material)
        return ColorVisuals(mesh, vertex_colors=np.tile(factor, (count, 1)))
    if visual.kind is None:
        return ColorVisuals(mesh, vertex_colors=np.tile(linear(colour), (count, 1)))
    colours = np.array(visual.vertex_colors, dtype=np.uint8)
    if not linear_file:
        colours = linear_light(colours)
    colours[:, 3] = 255
    return ColorVisuals(mesh, vertex_colors=colours)


def _material(material: PBRMaterial | SimpleMaterial, colour: str) -> tuple[Image.Image | None, np.ndarray]:
    """A material's texture (RGB, or None) and the opaque colour that multiplies it (linear light, 8 bit).

    `colour` stands in where the file gives neither. glTF's factors are linear light, other formats' colours sRGB.
    """
    if isinstance(material, PBRMaterial):
        image, factor = material.baseColorTexture, material.baseColorFactor
    else:
        image, factor = material.image, linear_light(np.asarray(material.diffuse, np.uint8))
        if image is not None or np.array_equal(material.diffuse, SimpleMaterial().diffuse):
            factor = None
    if factor is None:
        factor = linear(colour) if image is None else np.full(4, 255)
    factor = np.append(np.asarray(factor)[:3], 255).astype(np.uint8)
    return None if image is None else image.convert("RGB"), factor
