"""Laws of Objaverse's catalogue: broken metadata are repaired, foreign paths refused, nouns found."""

from pathlib import Path

import objaverse
import pytest

from linmech.errors import LinmechError
from linmech.fetching import FetchError
from linmech.objects.objaverse.catalogue import HUB, category_of, package
from linmech.objects.objaverse.locked import collect
from objaverse_server import CATEGORIES, packed, stock


@pytest.mark.parametrize("name", ["lvis-annotations.json.gz", "object-paths.json.gz", "metadata/000-023.json.gz"])
@pytest.mark.parametrize("damage", ["short", "empty", "html"])
def test_a_broken_metadata_file_is_repaired(server, wanted, name, damage):
    path = Path(wanted().folder) / name
    path.parent.mkdir(parents=True)
    whole = server.files[name]
    path.write_bytes({"short": whole[: len(whole) // 2], "empty": b"", "html": b"<html>"}[damage])
    collect(["mug"], wanted())
    assert path.read_bytes() == whole and server.counts[name] == 1


def test_metadata_that_arrives_broken_is_tried_again_and_never_kept(server, wanted):
    name = "lvis-annotations.json.gz"
    server.faults[name] = ["cut", "cut, no length"]
    collect(["mug"], wanted())
    assert server.counts[name] == 3
    (Path(wanted().folder) / name).unlink()
    server.faults[name] = ["cut, no length"] * 3
    with pytest.raises(FetchError, match="lvis-annotations.json.gz: not whole gzipped JSON"):
        collect(["apple"], wanted())
    assert not (Path(wanted().folder) / name).exists()


def test_a_catalogue_path_that_leaves_the_folder_is_refused(server, wanted):
    paths = stock(server)
    server.files["object-paths.json.gz"] = packed({uid: f"glbs/../../{uid}.glb" for uid in paths})
    with pytest.raises(LinmechError, match="has no path in the catalogue"):
        collect(["mug"], wanted())


def test_nouns_are_spelled_freely_and_unknown_ones_get_suggestions():
    lvis = [*CATEGORIES, "Band_Aid", "teapot", "tea pot"]
    assert category_of("Wine-glass", lvis, {}) == "wine_glass"
    assert category_of("band aid", lvis, {}) == "Band_Aid"
    assert category_of("teapot", lvis, {}) == "teapot"
    assert category_of("mouse", lvis, {"mouse": CATEGORIES[2]}) == CATEGORIES[2]
    for noun, given, message in (
        ("mouse", {}, r"did you mean 'mouse_\(computer_equipment\)'"),
        ("aple", {}, "did you mean 'apple'"),
        ("Tea-Pot", {}, "may be tea pot or teapot; write the one you mean"),
        ("cup", {"cup": "mugg"}, "categories.cup: 'mugg' is not a category of LVIS; did you mean 'mug'"),
    ):
        with pytest.raises(LinmechError, match=message):
            category_of(noun, lvis, given)


def test_an_unknown_noun_is_told_before_any_mesh_is_downloaded(server, wanted):
    with pytest.raises(LinmechError, match="'aple' is not a category of LVIS"):
        collect(["mug", "aple"], wanted())
    assert list(server.counts) == ["lvis-annotations.json.gz"]
    with pytest.raises(LinmechError, match="objects.nouns is empty"):
        collect([], wanted())


def test_the_package_is_given_back_as_it_was(wanted):
    before = objaverse._VERSIONED_PATH, objaverse.urllib, objaverse._load_object_paths
    with pytest.raises(KeyError), package(wanted()):
        assert str(wanted().folder) == objaverse._VERSIONED_PATH
        raise KeyError
    assert before == (objaverse._VERSIONED_PATH, objaverse.urllib, objaverse._load_object_paths)
    assert HUB in Path(objaverse.__file__).read_text()
