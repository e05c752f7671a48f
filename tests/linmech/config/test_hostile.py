"""Configurations that nobody means well with: each is one line, at once, and never a traceback or a hang."""

import time

import pytest

from configured import ROOT, SCHEMA
from linmech.config.reading import read, validate
from linmech.errors import LinmechError

BASE = (ROOT / "config.yaml").read_text()
NINE = ", ".join(["*a{0}"] * 9)
BOMB = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{NINE.format(n - 1)}]\n" for n in range(1, 12))

FILES = [
    (BASE.replace("# The", "# é The").encode("latin-1"), "is not UTF-8 text; save it as UTF-8"),
    (BASE.encode("utf-16"), "is not UTF-8 text; save it as UTF-8"),
    (BASE.encode() + b"\x00", "not allowed"),
    (b"[a, b]: 1\n", "line 1: a list or a mapping is no key"),
    (b"seed: 0\nmodels:\n  {a: b}: 1\n", "line 3: a list or a mapping is no key"),
    (BASE.encode() + BOMB.encode(), "has more than 50000 entries"),
    (b"loop: &l [*l]\n", "loop.0.0... is deeper than 40 keys, or holds itself"),
    (b"objects: &o {again: *o}\n", "objects.again.again... is deeper than 40 keys, or holds itself"),
    (b"x: " + b"[" * 3000 + b"]" * 3000, "is nested without end"),
    (b"seed: " + b"9" * 5000, "write it shorter"),
    (b"seed: 0x" + b"f" * 5000, "seed is an integer of over 63 bits"),
    (b"day: 2024-13-77\n", "write it shorter, or in quotes"),
    (b"x: !!python/object/apply:os.system [ls]\n", "line 1: could not determine a constructor"),
]


@pytest.mark.parametrize(("data", "said"), FILES, ids=[said[:20] for _, said in FILES])
def test_a_hostile_file_is_one_line_at_once(tmp_path, data, said):
    path, started = tmp_path / "config.yaml", time.monotonic()
    path.write_bytes(data)
    with pytest.raises(LinmechError) as told:
        read(path)
    assert said in str(told.value) and "\n" not in str(told.value) and len(str(told.value)) < 500
    assert time.monotonic() - started < 10


def test_a_folder_in_the_place_of_a_file_and_a_byte_order_mark(tmp_path):
    with pytest.raises(LinmechError, match="cannot be read"):
        read(tmp_path)
    (tmp_path / "config.yaml").write_bytes(BASE.encode("utf-8-sig"))
    assert read(tmp_path / "config.yaml") == read(ROOT / "config.yaml")


VALUES = [
    ("layers", 1_000_000_000, "models.tiny.layers is 1000000000; it must be .* from 1 to 1000"),
    ("layers", 10**4000, "models.tiny.layers is an integer of over 63 bits"),
    ("source", "~nosuchuser/x", "models.tiny.source: folder ~nosuchuser/x does not exist"),
    ("source", "./" + "a" * 5000, "cannot be looked at"),
    ("source", "a/b\0c/d", "models.tiny.source: folder .* does not exist"),
]


@pytest.mark.parametrize(("key", "value", "said"), VALUES, ids=["layers", "digits", "nobody", "long", "nul"])
def test_a_hostile_value_is_one_line(config, key, value, said):
    config["models"]["tiny"][key] = value
    with pytest.raises(LinmechError, match=said):
        validate(config, SCHEMA)


def test_nobodys_home_is_no_folder_of_meshes_or_photographs(config):
    config["objects"] |= {"source": "folder", "folder": "~nosuchuser/meshes"}
    with pytest.raises(LinmechError, match="objects.folder: ~nosuchuser/meshes is not a folder"):
        validate(config, SCHEMA)


def test_an_overlay_that_holds_itself_is_one_line(config):
    config["models"]["tiny"]["fault"] = config
    with pytest.raises(LinmechError, match="holds itself"):
        validate(config, SCHEMA)
