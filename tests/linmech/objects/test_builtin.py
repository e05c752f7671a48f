"""Laws of the objects built in code."""

import numpy as np
import pytest
import trimesh

from linmech.errors import LinmechError
from linmech.files import sha256
from linmech.objects.builtin.collection import BUILTIN, build, main_colour, write_meshes
from linmech.objects.builtin.shapes import gores
from linmech.objects.colours import linear
from linmech.objects.meshes import load_mesh
from linmech.rendering.renderer import Renderer

LEAST_DISTANCE = 0.15  # root mean square over the pixels that either covers, channels 0..1


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return write_meshes(tmp_path_factory.mktemp("meshes"))


@pytest.fixture(scope="module")
def meshes(written):
    return {row.noun: load_mesh(row.file, row.colour) for row in written.itertuples()}


def test_there_are_enough_nouns_and_a_third_of_them_have_several_words_or_are_long():
    several = [noun for noun in BUILTIN if " " in noun or len(noun) >= 8]
    assert len(BUILTIN) >= 28
    assert len(several) >= len(BUILTIN) / 3


def test_no_two_nouns_end_in_the_same_word_or_hold_one_another():
    last = [noun.split()[-1] for noun in BUILTIN]
    assert len(set(last)) == len(BUILTIN)
    assert not [(a, b) for a in BUILTIN for b in BUILTIN if a != b and a in b.split()]


def test_the_index_has_a_row_per_noun_with_the_hash_of_its_file(written):
    assert list(written.columns) == ["noun", "file", "colour", "licence", "source", "sha256"]
    assert list(written.noun) == sorted(BUILTIN)
    assert set(written.licence) == {"CC0-1.0"} and set(written.source) == {"linmech built-in"}
    assert list(written.sha256) == [sha256(file) for file in written.file]


def test_the_same_nouns_give_the_same_bytes_again(written, tmp_path):
    nouns = ["ice cream", "umbrella"]
    again = write_meshes(tmp_path, nouns)
    assert list(again.sha256) == list(written.set_index("noun").loc[nouns].sha256)


def test_every_object_has_finite_corners_unit_normals_and_several_colours(meshes):
    for noun, mesh in meshes.items():
        assert np.isfinite(mesh.vertices).all() and len(mesh.faces) > 50, noun
        np.testing.assert_allclose(np.linalg.norm(mesh.vertex_normals, axis=1), 1, atol=1e-4, err_msg=noun)
        assert len(np.unique(mesh.visual.vertex_colors, axis=0)) >= 2, noun


def test_a_written_mesh_is_the_mesh_that_was_built(meshes):
    built = build("rocket")
    np.testing.assert_allclose(meshes["rocket"].bounds, built.bounds, atol=1e-6)
    np.testing.assert_array_equal(
        np.unique(meshes["rocket"].visual.vertex_colors, axis=0), np.unique(built.visual.vertex_colors, axis=0)
    )


def test_any_two_objects_look_different_at_32_pixels(meshes):
    renderer = Renderer(32)
    pictures = np.zeros((len(meshes), 32, 32, 4))
    for picture, mesh in zip(pictures, meshes.values(), strict=True):
        sprite = renderer.render_sprite(mesh, 0.0) / 255
        top, left = (32 - np.array(sprite.shape[:2])) // 2
        picture[top : top + sprite.shape[0], left : left + sprite.shape[1]] = sprite
    alpha = pictures[..., 3:]
    on_grey = 0.5 + (pictures[..., :3] - 0.5) * alpha
    covered = np.maximum(alpha[:, None], alpha[None])
    square = covered * (on_grey[:, None] - on_grey[None]) ** 2
    distance = np.sqrt(square.sum(axis=(2, 3, 4)) / (3 * covered.sum(axis=(2, 3, 4))))
    distance[np.diag_indices_from(distance)] = np.inf
    a, b = np.unravel_index(distance.argmin(), distance.shape)
    assert distance[a, b] > LEAST_DISTANCE, (list(meshes)[a], list(meshes)[b], distance[a, b])


def test_the_main_colour_covers_most_of_the_surface(written):
    box = trimesh.creation.box()
    box.visual = trimesh.visual.ColorVisuals(box, vertex_colors=np.tile(linear("#f7d321"), (8, 1)))
    assert main_colour(box) == "#f7d322"  # 8-bit linear light, one step away
    assert all(len(colour) == 7 and colour.startswith("#") for colour in written.colour)


def test_gores_close_up_to_the_whole_solid_facing_outwards():
    half = [(np.cos(a), np.sin(a)) for a in np.linspace(-np.pi / 2, np.pi / 2, 40)]
    ball = trimesh.util.concatenate(gores(half, ("#ff0000", "#00ff00", "#0000ff"), 6))
    assert ball.area == pytest.approx(4 * np.pi, rel=0.02)
    assert (np.einsum("ij,ij->i", ball.face_normals, ball.triangles_center) > 0).all()


def test_an_unknown_noun_is_refused_with_the_list_of_known_ones():
    with pytest.raises(LinmechError, match="no built-in object is called 'unicorn'; choose from: anchor, apple"):
        build("unicorn")
