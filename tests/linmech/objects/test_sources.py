"""Laws of the object index: three sources give one table; a folder is checked before it is believed."""

from pathlib import Path

import pytest
import trimesh

from collect_objects import main
from linmech.errors import LinmechError
from linmech.files import sha256
from linmech.objects.index import COLUMNS, read_index, read_table, write_table
from linmech.objects.sources import collect, read_folder


@pytest.fixture
def meshes(tmp_path):
    """A folder with four meshes and no table yet."""
    folder = tmp_path / "meshes"
    folder.mkdir()
    for name in ("cup.glb", "hat.obj", "box.stl", "duck.ply"):
        trimesh.creation.box().export(folder / name)
    (folder / "notes.txt").write_text("no mesh")
    return folder


def table(folder, text):
    (folder / "objects.tsv").write_text(text.replace(" | ", "\t"))
    return folder


def error_of(folder, text):
    with pytest.raises(LinmechError) as caught:
        read_folder(table(folder, text))
    assert "\n" not in str(caught.value) and "objects.tsv" in str(caught.value)
    return str(caught.value)


def test_a_folder_gives_one_row_per_line_in_its_order_with_hashes(meshes):
    index = read_folder(
        table(meshes, "noun | file | colour\nwine glass | cup.glb | #FF0080\nhat | hat.obj\n\nbox | box.stl")
    )
    assert list(index.columns) == COLUMNS
    assert list(index.noun) == ["wine glass", "hat", "box"]
    assert list(index.colour) == ["#ff0080", "", ""]
    assert list(index.sha256) == [sha256(meshes / name) for name in ("cup.glb", "hat.obj", "box.stl")]
    assert all(Path(file).is_absolute() for file in index.file)


def test_the_axis_that_points_up_may_be_given(meshes):
    index = read_folder(table(meshes, "noun | file | up\ncup | cup.glb | z\nhat | hat.obj"))
    assert list(index.up) == ["z", "y"]
    assert "column up is 'x'; write y or z" in error_of(meshes, "noun | file | up\ncup | cup.glb | x")


def test_files_below_the_working_directory_are_written_relative_to_it(meshes, monkeypatch):
    monkeypatch.chdir(meshes.parent)
    assert list(read_folder(table(meshes, "noun | file\ncup | cup.glb")).file) == ["meshes/cup.glb"]
    assert list(read_folder(Path("meshes")).file) == ["meshes/cup.glb"]


def test_a_table_saved_by_a_spreadsheet_is_read(meshes):
    (meshes / "objects.tsv").write_bytes(b"\xef\xbb\xbfnoun\tfile\r\ncup\tcup.glb\r\n")
    assert list(read_folder(meshes).noun) == ["cup"]


def test_a_folder_without_table_is_one_line_that_names_the_table(tmp_path):
    with pytest.raises(LinmechError, match=r"objects\.tsv does not exist; list your meshes"):
        read_folder(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no column 'noun'"),
        ("noun | mesh\ncup | cup.glb", "has no column 'file'"),
        ("noun | file | file\ncup | cup.glb | cup.glb", "names a column twice"),
        ("noun | file\ncup | cup.glb | #ffffff", "line 2: 3 fields, and 2 columns"),
        ("noun | file\ncup | notes.txt", "noun 'cup': notes.txt is no known type; use one of .glb"),
        ("noun | file\ncup | absent.glb", "absent.glb does not exist"),
        ("noun | file\ncup | ", "column file is empty"),
        ("noun | file\n | cup.glb", "an empty noun"),
        ("noun | file\ncup | cup.glb\nCup | hat.obj", "noun 'Cup' is given twice"),
        ("noun | file\na/b | cup.glb", "noun 'a/b' is no plain noun"),
        (f"noun | file\n{'a' * 450} | cup.glb", "has 450 letters; use at most 40"),
        ("noun | file\ncup | ../outside.glb", "lies outside the folder"),
        ("noun | file | colour\ncup | cup.glb | red", "colour 'red' is not of the form #rrggbb"),
        ("noun | file | colour\ncup | cup.glb | #12345", "colour '#12345'"),
        ("noun | file | bytes\ncup | cup.glb | 7", "column bytes says 7"),
        ("noun | file | sha256\ncup | cup.glb | abc", "does not have the sha256"),
    ],
)
def test_a_bad_table_is_one_line_that_names_the_fault(meshes, text, message):
    trimesh.creation.box().export(meshes.parent / "outside.glb")
    assert message in error_of(meshes, text)


def test_a_mesh_may_not_lie_outside_the_folder_by_absolute_path_or_link(meshes):
    outside = meshes.parent / "outside.glb"
    trimesh.creation.box().export(outside)
    (meshes / "link.glb").symlink_to(outside)
    assert "lies outside" in error_of(meshes, f"noun | file\ncup | {outside}")
    assert "lies outside" in error_of(meshes, "noun | file\ncup | link.glb")
    assert "lies outside" in error_of(meshes, f"noun | file\ncup | {meshes / 'cup.glb'}")


def test_a_table_in_another_encoding_is_one_line(meshes):
    (meshes / "objects.tsv").write_bytes("noun\tfile\ncafé\tcup.glb".encode("latin-1"))
    with pytest.raises(LinmechError, match="not UTF-8"):
        read_folder(meshes)


def test_nouns_restrict_the_source_and_keep_their_order(meshes):
    folder = table(meshes, "noun | file\ncup | cup.glb\nhat | hat.obj\nbox | box.stl")
    assert list(collect("folder", folder=folder, nouns=["box", "cup"]).noun) == ["box", "cup"]
    with pytest.raises(LinmechError, match="'cap' is not in .* did you mean 'cup'"):
        collect("folder", folder=folder, nouns=["cap"])
    with pytest.raises(LinmechError, match="'cup' is given twice"):
        collect("folder", folder=folder, nouns=["cup", "cup"])


def test_an_unknown_source_is_told_with_the_choices():
    with pytest.raises(LinmechError, match="objects.source is 'blender'; choose from builtin, folder, objaverse"):
        collect("blender")


def test_builtin_meshes_lie_beside_the_index_and_match_their_hashes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    main("results/objects/index.tsv", "builtin", nouns=["cup", "banana"])
    index = read_index("results/objects/index.tsv")
    assert list(index.noun) == ["cup", "banana"]
    for row in index.itertuples():
        assert row.file.startswith("results/objects/meshes/") and sha256(row.file) == row.sha256


def test_the_script_leaves_no_index_where_the_source_is_bad(meshes, tmp_path):
    with pytest.raises(LinmechError):
        main(tmp_path / "index.tsv", "folder", folder=table(meshes, "noun | file\ncup | absent.glb"))
    assert not list(tmp_path.glob("*index*"))


def test_an_index_is_read_as_it_was_written(meshes, tmp_path):
    text = 'noun | file | licence | source\nNA | cup.glb | null | A "quoted" author\nhat | hat.obj'
    index = read_folder(table(meshes, text))
    write_table(index, tmp_path / "index.tsv")
    assert read_index(tmp_path / "index.tsv").equals(index)


def test_tabs_and_line_ends_inside_a_field_do_not_break_the_table(meshes, tmp_path):
    index = read_folder(table(meshes, "noun | file\ncup | cup.glb")).assign(source="a\tb\nc")
    write_table(index, tmp_path / "index.tsv")
    assert list(read_table(tmp_path / "index.tsv", COLUMNS).source) == ["a b c"]


def test_an_index_whose_mesh_is_gone_says_so(meshes, tmp_path):
    write_table(read_folder(table(meshes, "noun | file\ncup | cup.glb")), tmp_path / "index.tsv")
    (meshes / "cup.glb").unlink()
    with pytest.raises(LinmechError, match="cup.glb does not exist; remove"):
        read_index(tmp_path / "index.tsv")
    with pytest.raises(LinmechError, match="does not exist; make it with"):
        read_index(tmp_path / "other.tsv")


def test_the_shared_folder_of_60_meshes_is_accepted_with_its_hashes(shared_data):
    index = collect("folder", folder=shared_data / "objects")
    assert len(index) == 60
    assert set(index.licence) == {"CC0-1.0", "Apache-2.0"}
