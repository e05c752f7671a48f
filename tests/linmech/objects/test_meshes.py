"""Laws of loading meshes from anywhere."""

import json

import numpy as np
import pytest
import trimesh
from PIL import Image

from linmech.errors import LinmechError
from linmech.objects import meshes
from linmech.objects.builtin.shapes import box, join
from linmech.objects.colours import linear
from linmech.objects.meshes import load_mesh
from linmech.objects.objaverse.catalogue import check_shape

GREY = linear("#808080")


def textured(image):
    """A unit square in the xy plane that shows the whole image."""
    corners = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], float)
    material = trimesh.visual.material.PBRMaterial(baseColorTexture=image)
    visual = trimesh.visual.TextureVisuals(uv=corners[:, :2], material=material)
    return trimesh.Trimesh(corners, [[0, 1, 2], [0, 2, 3]], visual=visual, process=False)


@pytest.mark.parametrize("suffix", ["glb", "obj", "stl", "ply"])
def test_a_mesh_without_colour_takes_the_nouns_colour(tmp_path, suffix):
    trimesh.creation.box((1, 2, 3)).export(tmp_path / f"box.{suffix}")
    mesh = load_mesh(tmp_path / f"box.{suffix}", "#808080")
    np.testing.assert_allclose(mesh.extents, [1, 2, 3])
    assert (mesh.visual.vertex_colors == GREY).all()


@pytest.mark.parametrize("suffix", ["glb", "ply"])
def test_vertex_colours_of_any_format_come_out_in_linear_light(tmp_path, suffix):
    mesh = trimesh.creation.box()
    stored = GREY if suffix == "glb" else [128, 128, 128, 255]
    mesh.visual = trimesh.visual.ColorVisuals(mesh, vertex_colors=np.tile(stored, (8, 1)))
    mesh.export(tmp_path / f"box.{suffix}")
    assert (load_mesh(tmp_path / f"box.{suffix}", "#ff0000").visual.vertex_colors == GREY).all()


def test_a_texture_survives_and_is_bounded_in_size(tmp_path):
    textured(Image.new("RGB", (2048, 16), (10, 200, 30))).export(tmp_path / "square.glb")
    material = load_mesh(tmp_path / "square.glb", "#ff0000").visual.material
    assert material.baseColorTexture.size == (meshes.MAX_TEXTURE_PX, 8)
    assert material.baseColorTexture.getpixel((5, 5)) == (10, 200, 30)


def test_parts_keep_their_places_in_the_world(tmp_path):
    scene = trimesh.Scene()
    for x in (0.0, 5.0):
        scene.add_geometry(trimesh.creation.box(), transform=trimesh.transformations.translation_matrix([x, 0, 0]))
    scene.export(tmp_path / "two.glb")
    loaded = load_mesh(tmp_path / "two.glb")
    assert len(loaded.geometry) == 2
    np.testing.assert_allclose(loaded.bounds, [[-0.5, -0.5, -0.5], [5.5, 0.5, 0.5]])


def test_up_z_turns_the_top_to_y(tmp_path):
    box((1, 2, 8), (0, 0, 4), "#808080").export(tmp_path / "tower.glb")
    np.testing.assert_allclose(
        load_mesh(tmp_path / "tower.glb", up="z").bounds, [[-0.5, 0, -1], [0.5, 8, 1]], atol=1e-6
    )


def test_a_huge_mesh_is_thinned_out_without_changing_its_shape(tmp_path, monkeypatch):
    ball = trimesh.creation.icosphere(subdivisions=5)
    ball.export(tmp_path / "ball.stl")
    monkeypatch.setattr(meshes, "MAX_FACES", 5_000)
    monkeypatch.setattr(meshes, "MERGE_CELLS", 24)
    thin = load_mesh(tmp_path / "ball.stl")
    assert 500 < len(thin.faces) < 5_000 < len(ball.faces)
    np.testing.assert_allclose(np.linalg.norm(thin.vertices, axis=1), 1, atol=1e-3)
    assert thin.area == pytest.approx(ball.area, rel=0.05)


def broken(kind):
    """An ASCII STL that is degenerate in one way."""
    corner = "nan nan nan" if kind == "not-a-number" else "0 0 0"
    facet = "facet normal 0 0 1\nouter loop\n" + f"vertex {corner}\n" * 3
    body = "" if kind == "no faces" else facet + "endloop\nendfacet\n"
    return f"solid s\n{body}endsolid s\n"


@pytest.mark.parametrize("kind", ["no faces", "no extent", "not-a-number"])
def test_a_degenerate_mesh_is_refused_by_name(tmp_path, kind):
    (tmp_path / "broken.stl").write_text(broken(kind))
    with pytest.raises(LinmechError, match=r"broken\.stl: .*(degenerate|cannot be read)"):
        load_mesh(tmp_path / "broken.stl")


@pytest.mark.parametrize(
    "name, content, what",
    [
        ("a.glb", b"garbage", "cannot be read"),
        ("a.blend", b"", "is not a mesh file"),
        ("b.ply", None, "does not exist"),
    ],
)
def test_an_unreadable_file_is_refused_by_name(tmp_path, name, content, what):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(LinmechError, match=f"{name}: .*{what}"):
        load_mesh(tmp_path / name)


def write_gltf(folder, uri):
    """A glTF of a box in `folder` whose buffer is said to lie at `uri`; returns its path and the buffer's bytes."""
    folder.mkdir(exist_ok=True)
    files = trimesh.Scene(trimesh.creation.box()).export(file_type="gltf", merge_buffers=True)
    tree = json.loads(files["model.gltf"])
    (buffer,) = tree["buffers"]
    content = files[buffer["uri"]]
    buffer["uri"] = uri
    (folder / "box.gltf").write_text(json.dumps(tree))
    return folder / "box.gltf", content


def test_a_mesh_may_read_the_files_beside_it_and_below(tmp_path):
    for number, name in enumerate(("buffer.bin", "deep/buffer.bin", "my%20buffer.bin")):
        mesh, content = write_gltf(tmp_path / str(number), name)
        target = mesh.parent / name.replace("%20", " ")
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(content)
        np.testing.assert_allclose(load_mesh(mesh).extents, [1, 1, 1])


@pytest.mark.parametrize("way", ["absolute", "parent", "escaped", "symlink", "http", "file"])
def test_a_mesh_may_not_read_anything_outside_its_folder(tmp_path, way):
    outside = tmp_path / "outside.bin"
    uri = {
        "absolute": str(outside),
        "parent": "../outside.bin",
        "escaped": "%2e%2e/outside.bin",
        "symlink": "link.bin",
        "http": "http://example.org/outside.bin",
        "file": f"file://{outside}",
    }[way]
    mesh, content = write_gltf(tmp_path / "mesh", uri)
    outside.write_bytes(content)
    (tmp_path / "mesh" / "link.bin").symlink_to(outside)
    with pytest.raises(LinmechError, match=r"box\.gltf: refers to .*, outside its own folder"):
        load_mesh(mesh)


@pytest.mark.parametrize("texture", ["../secret.png", "missing.png"])
def test_a_texture_that_cannot_be_read_is_an_error_although_trimesh_would_go_on(tmp_path, texture):
    Image.new("RGB", (4, 4)).save(tmp_path / "secret.png")
    folder = tmp_path / "mesh"
    folder.mkdir()
    (folder / "a.mtl").write_text(f"newmtl m\nKd 1 1 1\nmap_Kd {texture}\n")
    (folder / "a.obj").write_text(
        "mtllib a.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\nvt 1 0\nvt 0 1\nusemtl m\nf 1/1 2/2 3/3\n"
    )
    with pytest.raises(LinmechError, match=f"a.obj: refers to '{texture}'"):
        load_mesh(folder / "a.obj")


def test_a_coloured_material_without_texture_keeps_its_colour(tmp_path):
    (tmp_path / "a.mtl").write_text("newmtl m\nKd 1 0 0\n")
    (tmp_path / "a.obj").write_text("mtllib a.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nusemtl m\nf 1 2 3\n")
    assert (load_mesh(tmp_path / "a.obj", "#00ff00").visual.vertex_colors == [255, 0, 0, 255]).all()


def test_joined_parts_keep_their_colours():
    both = join(box((1, 1, 1), (0, 0, 0), "#ff0000"), [box((1, 1, 1), (2, 0, 0), "#0000ff")])
    assert len(np.unique(both.visual.vertex_colors, axis=0)) == 2


@pytest.mark.parametrize("check", [load_mesh, check_shape])
def test_a_lack_of_memory_is_no_fault_of_the_mesh(check, tmp_path, monkeypatch):
    trimesh.creation.box((1, 2, 3)).export(tmp_path / "box.glb")

    def full(*_, **__):
        raise MemoryError

    monkeypatch.setattr(meshes, "_read", full)
    monkeypatch.setattr(trimesh, "load_scene", full)
    with pytest.raises(MemoryError):
        check(tmp_path / "box.glb")
