"""Laws of the download of videos, against a loopback server: fetched once, as at first, nothing else."""

import io
import json
import zipfile
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from linmech.errors import LinmechError
from linmech.fetching import FetchError
from linmech.objects.index import read_table
from linmech.stimuli.filed.locked import LOCK, lock_of
from linmech.stimuli.films.downloads import Download, download
from linmech.stimuli.films.mvbench import TASK, VIDEOS, read_mvbench
from movies import item, movie

ONE, OTHER = f"{VIDEOS}/a.mp4", f"{VIDEOS}/b.mp4"


def archive(videos: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        for name, data in videos.items():
            packed.writestr(name, data)
    return stream.getvalue()


@pytest.fixture
def source(server, tmp_path) -> Download:
    """A server with two videos that are asked about and one that is not, and where to put them."""
    video = movie(tmp_path / "made.mp4", frames=9).read_bytes()
    packed = {f"scene_qa/video/{name}.mp4": video for name in "abc"} | {"scene_qa/a.mp4": b"no video"}
    server.files["list.json"] = json.dumps([item("a.mp4"), item("b.mp4"), item("d.mp4"), item("/etc/passwd")]).encode()
    server.files["scene_qa.zip"] = archive(packed)
    url = f"http://127.0.0.1:{server.server_port}/data"
    return Download(tmp_path / "mvbench", f"{url}/list.json", f"{url}/scene_qa.zip", timeout_s=5, backoff_s=0.01)


def files(source: Download) -> set[str]:
    folder = Path(source.folder)
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_what_is_asked_about_is_fetched_and_nothing_else_and_can_be_read(source):
    found = download(source)
    assert files(source) == {TASK, ONE, OTHER} == set(found["file"]) and found.columns.tolist() == LOCK
    data = [(Path(source.folder) / file).read_bytes() for file in found["file"]]
    assert [sha256(each).hexdigest() for each in data] == found["sha256"].tolist()
    assert read_table(lock_of(source.folder), LOCK).equals(found)
    _, questions, refused = read_mvbench(source.folder)
    assert len(questions) == 2 and "d.mp4 does not exist" in refused["reason"][0]


def test_a_complete_folder_needs_no_network_and_one_filled_by_hand_is_locked_as_it_is(source, server):
    server.files["list.json"] = json.dumps([item("a.mp4")]).encode()
    first = download(source)
    lock_of(source.folder).unlink()
    server.counts.clear()
    nowhere = "http://127.0.0.1:9/nowhere"
    again = download(replace(source, task=nowhere, archive=nowhere, attempts=1))
    assert again[["file", "sha256"]].equals(first[["file", "sha256"]]) and not server.counts


def test_a_video_that_is_gone_is_fetched_again_and_must_be_the_same(source, server):
    first = download(source)
    (Path(source.folder) / ONE).unlink()
    assert download(source).equals(first)
    (Path(source.folder) / ONE).unlink()
    server.files["scene_qa.zip"] = archive({"scene_qa/video/a.mp4": b"another one"})
    with pytest.raises(LinmechError, match=r"a.mp4 of .* does not have the sha256 of the lock: delete it"):
        download(source)
    assert files(source) == {TASK, OTHER}, "no archive and no part of a file stay"


def test_a_broken_archive_one_of_another_hash_and_a_page_of_html_are_refused(source, server):
    with pytest.raises(FetchError, match="its sha256 is not 00"):
        download(replace(source, archive_sha256="00", attempts=1))
    server.files["scene_qa.zip"] = b"<html>"
    with pytest.raises(LinmechError, match="no archive that holds what is asked for"):
        download(source)
    server.files["list.json"] = b"<html>sign in</html>"
    with pytest.raises(FetchError, match="not whole JSON"):
        download(replace(source, folder=Path(source.folder).with_name("other"), attempts=1))
    assert files(source) == {TASK}
