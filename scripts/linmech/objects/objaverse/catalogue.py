"""The catalogue of Objaverse 1.0, through the `objaverse` package, and its meshes: every file is whole or absent.

The package knows which LVIS categories exist, which meshes they hold, where these lie and under which licence. Its
cache folder is fixed at import, and it downloads in place, without timeouts, retries or checks; `package` lends it our
folder and a careful downloader.
"""

import contextlib
import functools
import gzip
import json
import re
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import objaverse
import trimesh

from linmech.errors import LinmechError
from linmech.fetching import BrokenDownloadError, Patience, fetch
from linmech.suggestions import suggest

HUB = "https://huggingface.co/datasets/allenai/objaverse/resolve/main"
SPDX = {
    "cc0": "CC0-1.0",
    **{name: f"CC-{name.upper()}-4.0" for name in ("by", "by-sa", "by-nd", "by-nc", "by-nc-sa", "by-nc-nd")},
}
BROKEN = (EOFError, zlib.error, gzip.BadGzipFile, ValueError)


@dataclass(frozen=True)
class Objaverse:
    """What to take from where, and with how much patience.

    `folder`: cache, in the package's own layout (an existing ~/.objaverse/hf-objaverse-v1 will do), with the lock file
    beside it. `categories`: LVIS categories of nouns that are spelled otherwise. `per_noun`: meshes to try for a noun.
    `max_mb`: largest mesh. `timeout_s`, `attempts`, `backoff_s`: see `fetching.Patience`. `url`: where the dataset is
    served, e.g. by a mirror.
    """

    folder: str | Path
    licences: Sequence[str] = ("cc0", "by", "by-sa")
    categories: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0
    per_noun: int = 5
    max_mb: int | float = 100
    timeout_s: int | float = 60
    attempts: int = 3
    backoff_s: int | float = 2
    url: str = HUB

    def fetch(self, path: str, check: Callable[[Path], None]) -> None:
        """Download the dataset's file `path` into `folder`. FetchError where it cannot be had."""
        patience = Patience(float(self.timeout_s), self.attempts, float(self.backoff_s))
        limit = int(self.max_mb * 1e6) if path.endswith(".glb") else None
        fetch(f"{self.url.rstrip('/')}/{path}", Path(self.folder) / path, patience=patience, limit=limit, check=check)

    @property
    def lock(self) -> Path:
        """The lock file, e.g. resources/objects/objaverse.lock.tsv for the folder resources/objects/objaverse."""
        return Path(self.folder).with_name(f"{Path(self.folder).name}.lock.tsv")


@contextlib.contextmanager
def package(wanted: Objaverse) -> Iterator[None]:
    """Within it, the package `objaverse` keeps its files in `wanted.folder` and downloads by `wanted.fetch`."""

    def urlretrieve(url: str, path: str) -> None:
        wanted.fetch(url.removeprefix(f"{HUB}/"), _check_json)

    lent = {
        "_VERSIONED_PATH": str(wanted.folder),
        "urllib": SimpleNamespace(request=SimpleNamespace(urlretrieve=urlretrieve)),
        "_load_object_paths": functools.cache(objaverse._load_object_paths),
    }
    own = {name: getattr(objaverse, name) for name in lent}
    vars(objaverse).update(lent)
    try:
        yield
    finally:
        vars(objaverse).update(own)


def load_lvis(wanted: Objaverse) -> dict[str, list[str]]:
    """The uids of every LVIS category. Within `package`; FetchError where the catalogue cannot be had."""
    return _repaired(objaverse.load_lvis_annotations, wanted)


def load_notes(uid: str, wanted: Objaverse) -> dict:
    """What the catalogue says of a mesh: `license`, `user` and more. Within `package`."""
    _mesh_path(uid, wanted)
    return _repaired(lambda: objaverse.load_annotations([uid]), wanted).get(uid, {})


def category_of(noun: str, categories: Collection[str], given: Mapping[str, str]) -> str:
    """The LVIS category of a noun: `given[noun]`, or the one spelled alike but for case, spaces, - and _.

    LinmechError where there is none (with suggestions) or more than one.
    """
    if noun in given:
        if given[noun] not in categories:
            raise LinmechError(
                f"config key objects.objaverse.categories.{noun}: {given[noun]!r} is not a category of LVIS; "
                f"{suggest(given[noun], sorted(categories))}"
            )
        return given[noun]
    alike = sorted(name for name in categories if _plain(name) == _plain(noun))
    if noun in alike or len(alike) == 1:
        return noun if noun in alike else alike[0]
    cure = "write the one you mean under objects.objaverse.categories"
    if alike:
        raise LinmechError(f"objaverse: {noun!r} may be {' or '.join(alike)}; {cure}")
    senses = sorted(name for name in categories if _plain(name.split("(")[0]) == _plain(noun))
    hint = f"did you mean {' or '.join(map(repr, senses))}?" if senses else suggest(noun, sorted(categories))
    raise LinmechError(f"objaverse: {noun!r} is not a category of LVIS; {hint} Correct the noun, or {cure}")


def find(uid: str, wanted: Objaverse) -> Path | None:
    """The downloaded mesh of a uid, if it is there and whole."""
    for path in Path(wanted.folder).glob(f"glbs/*/{uid}.glb"):
        with contextlib.suppress(BrokenDownloadError):
            _check_glb(path)
            return path
    return None


def download(uid: str, wanted: Objaverse, check: Callable[[Path], None] = lambda partial: None) -> Path:
    """Download the mesh of a uid, within `package`. LinmechError where it is not in the catalogue or cannot be had."""
    path = _mesh_path(uid, wanted)

    def whole(partial: Path) -> None:
        _check_glb(partial)
        check(partial)

    wanted.fetch(path, whole)
    return Path(wanted.folder) / path


def _check_glb(path: Path) -> None:
    """BrokenDownloadError unless the file is as long as its GLB header says."""
    with path.open("rb") as stream:
        head = stream.read(12)
    if head[:4] != b"glTF" or int.from_bytes(head[8:12], "little") != path.stat().st_size:
        raise BrokenDownloadError("not a whole GLB file")


def check_shape(path: Path) -> None:
    """LinmechError unless trimesh finds triangles in the file."""
    try:
        triangles = sum(len(getattr(mesh, "faces", ())) for mesh in trimesh.load_scene(path).geometry.values())
    except MemoryError:  # of this machine, not the file's fault
        raise
    except Exception as error:  # whatever a reader of foreign files may raise: this object cannot be used
        raise LinmechError(f"cannot be read ({type(error).__name__}: {error})") from error
    if not triangles:
        raise LinmechError("has no triangles")


def _mesh_path(uid: str, wanted: Objaverse) -> str:
    """The dataset's path of a mesh. LinmechError where the catalogue has none, or one that leaves the folder."""
    path = _repaired(objaverse._load_object_paths, wanted).get(uid, "")
    if not re.fullmatch(rf"glbs/\d{{3}}-\d{{3}}/{re.escape(uid)}\.glb", path):
        raise LinmechError(f"object {uid} has no path in the catalogue of Objaverse")
    return path


def _repaired(load: Callable[[], dict], wanted: Objaverse) -> dict:
    """`load()`; where a metadata file is broken, once more without the broken ones (so: they are downloaded)."""
    try:
        return load()
    except BROKEN:
        for path in Path(wanted.folder).rglob("*.json.gz"):
            try:
                _check_json(path)
            except BrokenDownloadError:
                path.unlink()
        return load()


def _check_json(path: Path) -> None:
    """BrokenDownloadError unless the file is whole gzipped JSON that holds a mapping."""
    try:
        with gzip.open(path, "rb") as stream:
            content = json.load(stream)
    except BROKEN as error:
        raise BrokenDownloadError(f"not whole gzipped JSON ({error})") from error
    if not isinstance(content, dict):
        raise BrokenDownloadError("not a JSON mapping")


def _plain(name: str) -> str:
    """Small letters and digits only: wine_glass, Wine glass and wineglass are alike."""
    return re.sub(r"[\W_]", "", name).lower()
