"""Laws of the Objaverse source, against a loopback server that has the dataset's own layout and can misbehave."""

from pathlib import Path

import pytest
import trimesh

from linmech.errors import LinmechError
from linmech.fetching import FetchError, Patience, fetch
from linmech.files import sha256
from linmech.objects.index import read_table, write_table
from linmech.objects.objaverse.catalogue import Objaverse
from linmech.objects.objaverse.locked import collect, read_lock
from objaverse_server import glb, stock, uid_of


def first_choice(wanted, noun="mug"):
    """The uid that the seed chooses, from a run in another folder."""
    folder = Path(wanted.folder).with_name("elsewhere")
    settings = Objaverse(**{**vars(wanted), "folder": folder})
    collect([noun], settings)
    return read_lock(settings.lock)[noun]["uid"]


def leftovers(folder):
    return [path for path in Path(folder).rglob("*") if "partial" in path.name or path.name.endswith(".tmp")]


def test_nouns_become_meshes_an_index_and_a_lock(server, wanted):
    index = collect(["wine glass", "mug"], wanted())
    assert list(index.noun) == ["wine glass", "mug"]
    assert list(index.sha256) == [sha256(file) for file in index.file]
    assert set(index.licence) == {"CC-BY-4.0"}
    assert all("Ann" in source and "sketchfab.com" in source for source in index.source)
    lock = read_table(wanted().lock, ["noun", "uid", "licence", "sha256"])
    assert list(lock.noun) == ["mug", "wine glass"] and list(lock.category) == ["mug", "wine_glass"]
    assert wanted().lock.name == "objaverse.lock.tsv" and not leftovers(wanted().folder)


def test_nothing_is_fetched_twice_and_a_complete_lock_needs_no_network(server, wanted):
    collect(["mug"], wanted())
    server.counts.clear()
    collect(["mug", "apple"], wanted(seed=5))
    assert not {path for path in server.counts if path.endswith(".json.gz")} and len(server.counts) == 1
    server.counts.clear()
    collect(["apple", "mug"], wanted(url="http://127.0.0.1:9/nowhere", attempts=1))
    assert not server.counts


def test_a_run_stopped_after_the_download_but_before_the_lock_does_not_fetch_again(server, wanted):
    first = collect(["mug"], wanted())
    wanted().lock.unlink()
    server.counts.clear()
    assert collect(["mug"], wanted()).equals(first)
    assert not server.counts


def test_the_choice_depends_on_seed_and_noun_only(server, wanted, tmp_path):
    def uids(name, nouns, seed):
        settings = wanted(folder=tmp_path / name, seed=seed)
        collect(nouns, settings)
        return {noun: row["uid"] for noun, row in read_lock(settings.lock).items()}

    assert uids("a", ["mug", "apple"], 1) == uids("b", ["apple", "mug"], 1)
    assert len({uids(f"seed{seed}", ["mug"], seed)["mug"] for seed in range(6)}) > 1


@pytest.mark.parametrize("fault", [500, 503, 429, "cut", "cut, no length", "silence"])
def test_a_passing_fault_is_tried_again(server, wanted, fault):
    settings = wanted(timeout_s=0.3 if fault == "silence" else 5)
    uid = first_choice(wanted())
    server.faults[glb(uid)] = [fault, fault]
    server.counts.clear()
    index = collect(["mug"], settings)
    assert uid in index.file[0] and server.counts[glb(uid)] == 3
    assert Path(index.file[0]).read_bytes() == server.files[glb(uid)] and not leftovers(settings.folder)


@pytest.mark.parametrize("fault", [404, "cut"])
def test_a_mesh_that_cannot_be_had_is_named_and_the_next_one_taken(server, wanted, capsys, fault):
    uid = first_choice(wanted())
    server.faults[glb(uid)] = [fault] * 3
    server.counts.clear()
    index = collect(["mug"], wanted())
    assert uid not in index.file[0] and sha256(index.file[0]) == index.sha256[0]
    assert f"mug: object {uid} left out" in capsys.readouterr().out
    assert server.counts[glb(uid)] == (1 if fault == 404 else 3)


def test_a_file_without_triangles_or_too_large_is_left_out(server, wanted):
    uid = first_choice(wanted())
    server.files[glb(uid)] = trimesh.Scene(trimesh.PointCloud([[0, 0, 0], [1, 1, 1]])).export(file_type="glb")
    assert uid not in collect(["mug"], wanted()).file[0]
    with pytest.raises(LinmechError, match="larger than the limit of 0.0 MB"):
        collect(["apple"], wanted(max_mb=1e-4))


def test_nouns_that_got_nothing_are_told_together_after_the_others_were_done(server, wanted):
    for category in ("mug", "apple"):
        for number in range(3):
            del server.files[glb(uid_of(category, number))]
    with pytest.raises(LinmechError) as caught:
        collect(["mug", "wine glass", "apple"], wanted(per_noun=2))
    message = str(caught.value)
    assert "2 of 3 nouns" in message and "mug: of 3 in category mug" in message and "| apple: " in message
    assert "2 failed" in message and "HTTP status 404" in message and "\n" not in message
    assert list(read_lock(wanted().lock)) == ["wine glass"]


def test_only_allowed_licences_are_downloaded(server, wanted):
    stock(server, ("by-nc", "by-nc-sa", "cc0", "by-nc"))
    index = collect(["mug"], wanted())
    assert uid_of("mug", 2) in index.file[0] and index.licence[0] == "CC0-1.0"
    assert [path for path in server.counts if path.endswith(".glb")] == [glb(uid_of("mug", 2))]
    with pytest.raises(LinmechError, match="4 were refused for their licence"):
        collect(["apple"], wanted(licences=["by-sa"]))
    with pytest.raises(LinmechError, match="its licence cc0 is not allowed; remove the line"):
        collect(["mug"], wanted(licences=["by"]))
    with pytest.raises(LinmechError, match="'by_sa' is unknown; did you mean 'by-sa'"):
        collect(["mug"], wanted(licences=["by_sa"]))


def test_a_damaged_mesh_is_fetched_again(server, wanted):
    file = Path(collect(["mug"], wanted()).file[0])
    whole = file.read_bytes()
    for damage in (whole[:50], whole[:-1] + b"x"):
        file.write_bytes(damage)
        server.counts.clear()
        collect(["mug"], wanted())
        assert file.read_bytes() == whole and server.counts[glb(file.stem)] == 1


def test_a_mesh_that_changed_since_the_lock_is_refused(server, wanted):
    index = collect(["mug", "apple"], wanted())
    file = Path(index.file[0])
    file.unlink()
    server.files[glb(file.stem)] = trimesh.creation.box((9, 9, 9)).export(file_type="glb")
    with pytest.raises(LinmechError, match=f"mug: object {file.stem} does not have the sha256 .* remove the line"):
        collect(["mug", "apple"], wanted())
    assert not file.exists() and not leftovers(wanted().folder)


def test_a_lock_with_a_foreign_uid_is_refused(wanted):
    wanted().lock.write_text("noun\tuid\tlicence\tsha256\nmug\t../../x\tby\tabc\n")
    with pytest.raises(LinmechError, match="is no uid of Objaverse"):
        collect(["mug"], wanted())


def test_a_lock_of_the_four_needed_columns_is_enough(server, wanted):
    collect(["mug"], wanted())
    lock = read_table(wanted().lock, ["noun"])
    write_table(lock[["noun", "uid", "licence", "sha256"]], wanted().lock)
    assert collect(["mug"], wanted()).source[0].startswith("https://sketchfab.com/3d-models/")


def test_a_category_that_changed_since_the_lock_is_told(server, wanted):
    collect(["mug"], wanted())
    with pytest.raises(LinmechError, match="its category is mug; remove the line of 'mug'"):
        collect(["mug"], wanted(categories={"mug": "apple"}))


def test_only_web_addresses_are_fetched(tmp_path):
    (tmp_path / "secret").write_text("x")
    with pytest.raises(FetchError, match="not an http or https address"):
        fetch((tmp_path / "secret").as_uri(), tmp_path / "copy")


def test_a_file_shorter_than_announced_never_replaces_a_whole_one(server, wanted, tmp_path):
    server.files["notes.txt"], server.faults["notes.txt"] = b"0123456789", ["cut", "cut"]
    (tmp_path / "notes.txt").write_text("old")
    patience = Patience(attempts=2, backoff_s=0.01)
    with pytest.raises(FetchError, match="truncated: 5 of 10 bytes arrived .tries: 2.; check the network"):
        fetch(f"{wanted().url}/notes.txt", tmp_path / "notes.txt", patience=patience)
    assert (tmp_path / "notes.txt").read_text() == "old"
