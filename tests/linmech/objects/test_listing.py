"""What a folder of meshes lists does not change with what no job reads."""

import pytest

from linmech.errors import LinmechError
from linmech.objects.builtin.collection import BUILTIN
from linmech.objects.listing import listed, meshes_of, nouns_of


@pytest.fixture
def folder(tmp_path):
    for name in ("a.obj", "b.obj"):
        (tmp_path / name).write_text(name)
    (tmp_path / "objects.tsv").write_text("noun\tfile\tup\tnote\ncat\ta.obj\tz\thers\ndog\tb.obj\t\tmine\n")
    return tmp_path


def test_meshes_and_what_is_said_of_them_are_listed(folder):
    assert meshes_of(folder) == [str(folder / "a.obj"), str(folder / "b.obj")]
    assert listed(folder) == [{"noun": "cat", "file": "a.obj", "up": "z"}, {"noun": "dog", "file": "b.obj"}]


HARMLESS = [
    lambda folder: (folder / ".DS_Store").write_text("x"),
    lambda folder: (folder / "unlisted.obj").write_text("x"),
    lambda folder: (folder / "objects.tsv").write_text((folder / "objects.tsv").read_text() + "\n\n"),
    lambda folder: (folder / "objects.tsv").write_bytes((folder / "objects.tsv").read_bytes().replace(b"\n", b"\r\n")),
    lambda folder: (folder / "objects.tsv").write_text((folder / "objects.tsv").read_text().replace("hers", "ours")),
]


@pytest.mark.parametrize("edit", HARMLESS, ids=["stray", "unlisted", "line", "crlf", "note"])
def test_harmless_edits_change_nothing(folder, edit):
    before = meshes_of(folder), listed(folder)
    edit(folder)
    assert (meshes_of(folder), listed(folder)) == before


def test_another_colour_or_mesh_does_and_a_broken_table_is_one_line(folder):
    before = listed(folder)
    (folder / "objects.tsv").write_text("noun\tfile\tcolour\ncat\ta.obj\t#ff0000\n")
    assert listed(folder) != before
    (folder / "objects.tsv").write_text("noun\nfile\n")
    with pytest.raises(LinmechError, match="has no column 'file'"):
        listed(folder)


def test_the_nouns_of_a_run_are_known_before_any_job(folder):
    own = {"source": "folder", "folder": str(folder)}
    assert nouns_of(own) == (["cat", "dog"], f"{folder}/objects.tsv")
    assert nouns_of(own | {"nouns": ["dog"]}) == (["dog"], "objects.nouns")
    assert nouns_of({"source": "objaverse", "nouns": ["mug"]}) == (["mug"], "objects.nouns")
    nouns, where = nouns_of({"source": "builtin", "nouns": []})
    assert sorted(nouns) == sorted(BUILTIN) and where == "the built-in objects"
    for objects, told in (
        (own, "'dogg' is not in .*objects.tsv; did you mean 'dog'"),
        ({"source": "builtin"}, "built-in"),
    ):
        with pytest.raises(LinmechError, match=told):
            nouns_of(objects | {"nouns": ["dogg"]})


ROWS = [
    ("noun\tfile\ncat\tabsent.obj\n", "absent.obj does not exist"),
    ("noun\tfile\ncat\t\n", "column file is empty"),
    ("noun\tfile\ncat\ta.obj\nCat\tb.obj\n", "given twice"),
    ("noun\tfile\n\ta.obj\n", "an empty noun"),
    ("noun\tfile\tup\ncat\ta.obj\tx\n", "column up is 'x'"),
    ("noun\tfile\tcolour\ncat\ta.obj\tred\n", "not of the form #rrggbb"),
]


@pytest.mark.parametrize(("text", "told"), ROWS, ids=[row[1] for row in ROWS])
def test_a_wrong_row_is_told_before_any_job(folder, text, told):
    (folder / "objects.tsv").write_text(text)
    with pytest.raises(LinmechError, match=told):
        nouns_of({"source": "folder", "folder": str(folder)})
