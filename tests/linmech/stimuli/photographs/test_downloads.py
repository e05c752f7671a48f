"""Laws of the download of photographs, against a loopback server: whole or absent, fetched once, as at first."""

import io
import json
import zipfile
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from linmech.errors import LinmechError
from linmech.fetching import FetchError
from linmech.objects.index import read_table
from linmech.stimuli.coco import read_coco
from linmech.stimuli.filed.locked import LOCK, lock_of
from linmech.stimuli.photographs.downloads import ASKED, INSTANCES, Download, download

IDS, SIZES = (7, 139), {7: (40, 30), 139: (30, 40), 285: (20, 20)}
FIRST = "val2017/000000000007.jpg"


def jpeg(number: int, size=None) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", size or SIZES[number], (number % 256, 90, 30)).save(stream, "JPEG")
    return stream.getvalue()


def boxes(number: int) -> list[dict]:
    return [
        {"id": 10 * number + n, "image_id": number, "category_id": n + 1, "bbox": [2 + 12 * n, 5, 8, 8], "iscrowd": 0}
        for n in (0, 1)
    ]


def archive(instances: dict) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        packed.writestr(INSTANCES, json.dumps(instances))
        packed.writestr("annotations/captions_val2017.json", "{}")
    return stream.getvalue()


@pytest.fixture
def source(server, tmp_path) -> Download:
    """A server with two photographs that are asked about and one that is not, and where to put them."""
    asked = [
        [number, "A photo of a cat to the left of a dog", "A photo of a cat to the right of a dog"] for number in IDS
    ]
    images = [{"id": number, "width": width, "height": height} for number, (width, height) in SIZES.items()]
    categories = [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}]
    packed = archive({"images": images, "annotations": sum(map(boxes, IDS), []), "categories": categories})
    server.files.update({"asked.json": json.dumps(asked).encode(), "annotations.zip": packed})
    server.files.update({f"val2017/{number:012d}.jpg": jpeg(number) for number in SIZES})
    url = f"http://127.0.0.1:{server.server_port}/data"
    return Download(
        tmp_path / "coco", f"{url}/asked.json", f"{url}/annotations.zip", sha256(packed).hexdigest(), f"{url}/val2017",
        timeout_s=5, attempts=3, backoff_s=0.01,
    )  # fmt: skip


def files(source) -> set[str]:
    folder = Path(source.folder)
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_what_is_asked_about_is_fetched_and_nothing_else_and_can_be_read(source):
    found = download(source)
    wanted = {ASKED, INSTANCES, *(f"val2017/{number:012d}.jpg" for number in IDS)}
    assert files(source) == wanted == set(found["file"]) and found.columns.tolist() == LOCK
    assert all(
        sha256((Path(source.folder) / row.file).read_bytes()).hexdigest() == row.sha256 for row in found.itertuples()
    )
    assert read_table(lock_of(source.folder), LOCK).equals(found) and lock_of(source.folder).name == "coco.lock.tsv"
    manifest, questions, refused = read_coco(source.folder)
    assert len(questions) == 2 == len(manifest) and refused.empty


def test_nothing_is_fetched_twice_and_a_complete_folder_needs_no_network(source, server):
    first = download(source)
    server.counts.clear()
    nowhere = "http://127.0.0.1:9/nowhere"
    assert download(replace(source, questions=nowhere, archive=nowhere, images=nowhere, attempts=1)).equals(first)
    assert not server.counts


def test_a_folder_filled_by_hand_is_taken_as_it_is_and_locked(source, server):
    download(source)
    lock_of(source.folder).unlink()
    server.counts.clear()
    download(source)
    assert not server.counts and lock_of(source.folder).is_file()


def test_a_file_that_is_gone_is_fetched_again_and_must_be_the_same(source, server):
    first = download(source)
    (Path(source.folder) / FIRST).unlink()
    assert download(source).equals(first)
    (Path(source.folder) / FIRST).unlink()
    server.files[FIRST] = jpeg(8, SIZES[7])
    with pytest.raises(LinmechError, match="does not have the sha256 of the lock: delete it"):
        download(source)
    assert FIRST not in files(source)


def test_a_file_that_was_changed_since_is_named(source):
    download(source)
    (Path(source.folder) / FIRST).write_bytes(jpeg(9, SIZES[7]))
    with pytest.raises(LinmechError, match="000000000007.jpg of .* does not have the sha256 of the lock"):
        download(source)


@pytest.mark.parametrize("fault", [500, 429, "cut", "cut, no length"])
@pytest.mark.parametrize("path", ["asked.json", "annotations.zip", FIRST])
def test_a_passing_fault_is_tried_again(source, server, path, fault):
    server.faults[path] = [fault, fault]
    download(source)
    assert server.counts[path] == 3 and not any("partial" in name or name.endswith(".zip") for name in files(source))


def test_photographs_that_cannot_be_had_are_named_and_the_others_stay(source, server):
    lost = server.files.pop(FIRST)
    with pytest.raises(LinmechError, match=r"1 of 2 photographs are not there .*7: .*404"):
        download(source)
    assert "val2017/000000000139.jpg" in files(source)
    server.files[FIRST] = lost
    server.counts.clear()
    download(source)
    assert set(server.counts) == {FIRST}


def test_an_archive_of_another_hash_an_image_of_another_size_and_a_page_of_html_are_refused(source, server):
    with pytest.raises(FetchError, match="its sha256 is not 00"):
        download(replace(source, archive_sha256="00", attempts=1))
    server.files[FIRST] = jpeg(7, (10, 10))
    with pytest.raises(LinmechError, match="10 x 10 px, the annotations say 40 x 30"):
        download(replace(source, attempts=1))
    server.files["asked.json"] = b"<html>sign in</html>"
    with pytest.raises(FetchError, match="not whole JSON"):
        download(replace(source, folder=Path(source.folder).with_name("other"), attempts=1))
