"""Laws of sprites and scenes."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import trimesh

from linmech.errors import LinmechError
from linmech.objects.builtin.shapes import ball, box, join
from linmech.objects.index import COLUMNS, write_table
from linmech.objects.meshes import load_mesh
from linmech.rendering import opengl
from linmech.rendering.ground import Camera, Placed
from linmech.rendering.renderer import Renderer
from linmech.rendering.solids import LIGHTS, lit_scene
from linmech.stimuli.sprites import load_sprites
from render_sprites import main, yaws

SIZE = 48
RED, GREEN, BLUE, WHITE = "#e01010", "#10c010", "#1010e0", "#ffffff"
LEVEL = Camera(height=0.5, pitch=0.0, fov=50.0, z=3.0)


@pytest.fixture(scope="module")
def renderer():
    return Renderer(SIZE)


def cube(colour=RED):
    return box((1, 1, 1), (0, 0, 0), colour)


def dominant(sprite):
    """The channel that is brightest over the opaque pixels."""
    return "rgb"[int(sprite[sprite[..., 3] > 250][:, :3].mean(axis=0).argmax())]


@pytest.mark.parametrize("size", [(1, 3, 1), (3, 1, 1), (0.05, 4, 0.05), (1, 0.1, 6)])
def test_a_sprite_is_cropped_tightly_and_its_long_side_is_the_render_size(renderer, size):
    alpha = renderer.render_sprite(box(size, (5, -7, 2), RED), 20.0)[..., 3]
    assert max(alpha.shape) == SIZE
    for border in (alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]):
        assert border.any()


def test_alpha_is_straight_so_that_edges_keep_the_colour_of_the_face(renderer):
    slab = box((1, 1, 0.001), (0, 0, 0), "#d0a040", (0, 0, 17))
    sprite = renderer.render_sprite(slab, 0.0, 0.0).astype(int)
    edge = sprite[(sprite[..., 3] > 40) & (sprite[..., 3] < 250)]
    assert len(edge) > 30
    assert np.abs(edge[:, :3] - sprite[SIZE // 2, SIZE // 2, :3]).max() <= 8


def test_yaw_0_shows_the_front_and_a_positive_yaw_turns_it_to_the_right(renderer):
    marked = join(cube(WHITE), box((0.9, 0.9, 0.1), (0, 0, 0.5), RED), box((0.1, 0.9, 0.9), (-0.5, 0, 0), BLUE))
    assert dominant(renderer.render_sprite(marked, 0.0, 0.0)) == "r"
    turned = renderer.render_sprite(marked, 45.0, 0.0).astype(int)
    middle = turned.shape[1] // 2
    assert dominant(turned[:, :middle]) == "b" and dominant(turned[:, middle:]) == "r"


def test_elevation_looks_from_above(renderer):
    lidded = join(cube(RED), box((1, 0.1, 1), (0, 0.55, 0), GREEN))
    assert dominant(renderer.render_sprite(lidded, 0.0, 80.0)) == "g"


def test_rendering_twice_or_in_a_second_renderer_gives_the_same_pixels(renderer):
    mesh = join(cube(RED), ball(0.5, (0, 1, 0), BLUE))
    first = renderer.render_sprite(mesh, 30.0)
    np.testing.assert_array_equal(Renderer(SIZE).render_sprite(mesh, 30.0), first)
    np.testing.assert_array_equal(renderer.render_sprite(mesh, 30.0), first)


def test_lights_are_summed_in_one_order_wherever_they_lie_in_memory(renderer):
    gl = opengl.import_pyrender()
    kept = [lit_scene(gl, [], gl.PerspectiveCamera(yfov=1.0), np.eye(4)) for _ in range(20)]
    orders = {tuple(node.light.intensity for node in scene.light_nodes) for scene in kept}
    assert orders == {tuple(intensity for intensity, _, _ in LIGHTS)}


def test_a_scene_places_a_box_where_the_pinhole_camera_projects_it(renderer):
    item = Placed(box((1, 1, 0.001), (3, 3, 3), RED), x=0.5, z=-1.0, yaw=0.0, size=0.8)
    scene = renderer.render_scene([item], LEVEL)
    focal = SIZE / 2 / np.tan(np.radians(25))
    columns, rows = (np.flatnonzero(scene.masks[0].any(axis=axis)) for axis in (0, 1))
    left, right = SIZE / 2 + focal * np.array([0.1, 0.9]) / 4
    top, bottom = SIZE / 2 - focal * np.array([0.8 - 0.5, 0.0 - 0.5]) / 4
    np.testing.assert_allclose([columns[0], columns[-1] + 1, rows[0], rows[-1] + 1], [left, right, top, bottom], atol=1)
    np.testing.assert_allclose(scene.depth, [4.0])


def test_depth_is_measured_along_the_view(renderer):
    camera = Camera(height=2.0, pitch=-30.0, z=3.0)
    scene = renderer.render_scene([(cube(), 0.7, 0.0, 10.0, 1.0)], camera)
    np.testing.assert_allclose(scene.depth, [3 * np.cos(np.radians(30)) + 1.5 * np.sin(np.radians(30))])


def test_what_is_lifted_is_seen_higher_and_keeps_its_shadow_on_the_ground(renderer):
    camera = Camera(height=1.5, pitch=-25.0)
    item = Placed(ball(1, (0, 0, 0), WHITE), 0, 0, 0, 0.5)
    low, high = (renderer.render_scene([item._replace(lift=lift)], camera) for lift in (0, 0.5))
    rows = [np.flatnonzero(scene.masks[0].any(1)) for scene in (low, high)]
    assert rows[1][0] < rows[0][0] and rows[1][-1] < rows[0].mean()
    np.testing.assert_allclose(low.depth - high.depth, 0.5 * np.sin(np.radians(25)))
    shadow = (high.rgba[..., 3] > 20) & (high.rgba[..., 3] < 200) & (high.rgba[..., :3].max(-1) < 30)
    below = np.flatnonzero(shadow.any(1))
    assert below[0] > rows[1][-1] and rows[0][0] < below.mean() < rows[0][-1] + 4


def test_a_prop_is_seen_and_hides_but_has_no_mask(renderer):
    board = box((3, 3, 0.01), (0, 0, 0), BLUE)
    item = Placed(cube(RED), 0.0, -1.0, 0.0, 0.5)
    for z, hidden in ((0.5, True), (-3.0, False)):
        pose = np.eye(4)
        pose[2, 3] = z
        scene = renderer.render_scene([item], LEVEL, props=[(board, pose)])
        assert scene.masks.shape[0] == 1 and scene.masks.any() != hidden
        assert dominant(scene.rgba[~scene.masks[0]][None]) == "b"


def test_a_point_of_the_world_is_projected_to_where_it_was_taken_from():
    camera = Camera(height=1.7, pitch=-17.0, fov=47.0, x=0.3, z=3.5)
    seen = np.array([[0.2, 0.3, 4.0], [0.5, 0.5, 1.0], [0.9, 0.1, 7.0]])
    points = np.stack([camera.point(*map(float, each)) for each in seen])
    np.testing.assert_allclose(camera.project(points), seen)
    np.testing.assert_allclose(camera.project(np.array([0.3, 1.7, 3.5]) - camera.pose()[:3, 2])[2], 1)


def test_masks_are_disjoint_nearer_objects_hide_farther_ones_and_the_hidden_have_no_pixel(renderer):
    near, far, hidden = (cube(RED), 0.1, 0.5, 0, 0.8), (cube(BLUE), 0.5, -1.5, 0, 1.2), (cube(GREEN), 0.1, -1, 0, 0.1)
    scene = renderer.render_scene([far, near, hidden], LEVEL)
    alone = renderer.render_scene([far], LEVEL)
    assert scene.masks.sum(axis=0).max() == 1
    assert 0 < scene.masks[0].sum() < alone.masks[0].sum()
    assert not scene.masks[2].any()
    assert dominant(scene.rgba[scene.masks[0]][None]) == "b" and dominant(scene.rgba[scene.masks[1]][None]) == "r"


def test_a_picture_of_a_scene_is_clear_far_from_objects_and_has_a_shadow_beneath_them(renderer):
    camera = Camera(height=1.5, pitch=-25.0)
    rgba = renderer.render_scene([(ball(1, (0, 0, 0), WHITE), 0, 0, 0, 0.5)], camera).rgba
    shadow = (rgba[..., 3] > 20) & (rgba[..., 3] < 200) & (rgba[..., :3].max(axis=-1) < 30)
    assert shadow.sum() > 10
    assert not rgba[:4, :, 3].any() and not rgba[:, :4, 3].any()


def test_a_tinted_ground_reaches_from_the_horizon_down(renderer):
    rgba = renderer.render_scene([], LEVEL, ground=(200, 100, 50, 0.5)).rgba
    assert not rgba[: SIZE // 2, :, 3].any()
    np.testing.assert_allclose(rgba[-1, :], np.tile([200, 100, 50, 128], (SIZE, 1)), atol=2)


def test_an_unusable_platform_is_passed_over_for_one_that_makes_a_context(monkeypatch):
    monkeypatch.setenv("PYOPENGL_PLATFORM", "nonsense")
    monkeypatch.setenv("EGL_DEVICE_ID", "99")
    platform, device = opengl.choose_platform()
    assert platform in ("egl", "osmesa") and device != "99"
    assert not opengl.works("egl", "99")


def test_without_any_platform_the_error_says_what_to_install(monkeypatch):
    tried = []
    monkeypatch.setenv("PYOPENGL_PLATFORM", "osmesa")
    monkeypatch.setattr(opengl, "works", lambda *wish: tried.append(wish))
    with pytest.raises(LinmechError, match="libegl1 .*libosmesa6"):
        opengl.choose_platform()
    assert tried[0][0] == "osmesa" and ("egl", "0") in tried


def test_a_screen_is_made_where_the_library_of_windows_does_not_load():
    code = """import sys
sys.modules["pyglet"] = None
from linmech.rendering.opengl import the_screen
assert the_screen()"""
    scripts = Path(opengl.__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": str(scripts)}, check=True)


def test_views_spread_evenly_and_a_single_one_faces_the_camera():
    assert yaws(1) == [0.0]
    assert yaws(5) == [-60.0, -30.0, 0.0, 30.0, 60.0]


def index(folder, **files):
    """An index of exported meshes, by noun; a string stands for the bytes of a broken file."""
    rows = []
    for noun, mesh in files.items():
        file = folder / f"{noun}.glb"
        file.write_bytes(mesh.encode() if isinstance(mesh, str) else mesh.export(file_type="glb"))
        rows.append({"noun": noun, "file": str(file), "source": f'"{noun} maker', "up": "y"})
    write_table(pd.DataFrame(rows).reindex(columns=COLUMNS, fill_value=""), folder / "index.tsv")
    return folder / "index.tsv"


def test_the_script_writes_every_view_of_every_noun_with_the_same_bytes_each_time(tmp_path, renderer):
    table = index(tmp_path, cube=cube(), ball=ball(1, (0, 0, 0), BLUE))
    main(table, tmp_path / "a.npz", SIZE, 2, 15.0)
    main(table, tmp_path / "b.npz", SIZE, 2, 15.0)
    sprites = load_sprites(tmp_path / "a.npz")
    assert set(sprites) == {("cube", 0), ("cube", 1), ("ball", 0), ("ball", 1)}
    np.testing.assert_array_equal(
        sprites["cube", 1], renderer.render_sprite(load_mesh(tmp_path / "cube.glb"), 60.0, 15.0)
    )
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_an_author_whose_name_begins_with_a_quote_hides_no_object(tmp_path):
    table = index(tmp_path, cube=cube(), ball=ball(1, (0, 0, 0), BLUE), block=cube())
    assert table.read_text().count('"') == 3
    main(table, tmp_path / "sprites.npz", SIZE, 1, 15.0)
    assert {noun for noun, _ in load_sprites(tmp_path / "sprites.npz")} == {"cube", "ball", "block"}


def test_the_script_tries_every_object_and_names_all_that_fail(tmp_path):
    table = index(tmp_path, torn="not a mesh", cube=cube(), empty="")
    with pytest.raises(LinmechError, match="2 of 3 objects cannot be rendered: torn .*; empty "):
        main(table, tmp_path / "sprites.npz", SIZE, 1, 15.0)
    assert not (tmp_path / "sprites.npz").exists()


def test_what_has_no_colour_is_told_and_nothing_else(tmp_path, capsys):
    table = index(tmp_path, cube=cube(), pair=join([cube(), ball(1, (2, 0, 0), BLUE)]))
    for name, colour in (("bare", ""), ("given", RED)):
        trimesh.creation.box().export(tmp_path / f"{name}.stl")
        rows = pd.read_csv(table, sep="\t", keep_default_na=False)
        rows.loc[len(rows)] = {**rows.iloc[0], "noun": name, "file": str(tmp_path / f"{name}.stl"), "colour": colour}
        write_table(rows, table)
    main(table, tmp_path / "sprites.npz", SIZE, 1, 15.0)
    told = [line for line in capsys.readouterr().out.splitlines() if "no colour" in line]
    assert [line.split(":")[0] for line in told] == ["bare"] and "give one in the column colour" in told[0]


def test_every_shared_mesh_gives_a_sprite(shared_data, renderer):
    table = pd.read_csv(shared_data / "objects" / "objects.tsv", sep="\t")
    for row in table.itertuples():
        sprite = renderer.render_sprite(load_mesh(shared_data / "objects" / row.file, "#8080ff"), 25.0)
        assert max(sprite.shape[:2]) == SIZE and min(sprite.shape[:2]) > SIZE / 30, row.noun
        assert (sprite[..., 3] > 250).mean() > 0.05, row.noun
        assert 15 < sprite[sprite[..., 3] > 250][:, :3].mean() < 250, row.noun
