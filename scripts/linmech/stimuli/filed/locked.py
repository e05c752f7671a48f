"""Files that are fetched once and stay as they were: a lock file beside their folder says what each of them was.

Where nobody publishes the hash of a file, the first download writes it down, once the file is what it should be, and
every later run verifies it. What is there already, by hand or by a run that was stopped, is not fetched again.
"""

import contextlib
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import pandas as pd

from linmech.errors import LinmechError
from linmech.fetching import BrokenDownloadError, Patience, fetch
from linmech.files import atomic, home, sha256
from linmech.objects.index import read_table, write_table

LOCK = ["file", "sha256", "source"]
Check = Callable[[Path], None]
Wanted = TypeVar("Wanted")


def lock_of(folder: str | Path) -> Path:
    """The lock file of a folder, e.g. resources/coco.lock.tsv for resources/coco."""
    return Path(folder).with_name(f"{Path(folder).name}.lock.tsv")


class Locked:
    """A folder of such files, what its lock says of them, and how patiently they are fetched."""

    def __init__(self, folder: str | Path, patience: Patience):
        self.folder, self.path, self.patience = Path(folder), lock_of(folder), patience
        rows = read_table(self.path, LOCK).to_dict("records") if self.path.is_file() else []
        self._rows: dict[str, dict[str, str]] = {row["file"]: row for row in rows}

    def have(self, file: str, url: str, check: Check, get: Check | None = None) -> None:
        """See that `file` is there, from `url` or by `get(path)`, and as the lock knows it, or passes `check`; note it.

        Raises LinmechError where it is another file than it was, or does not pass, and FetchError.
        """
        path, same = self.folder / file, self.same(file, check)
        try:
            if not path.is_file():
                (get or (lambda to: fetch(url, to, patience=self.patience, check=same)))(path)
            same(path)
        except BrokenDownloadError as error:
            raise LinmechError(f"{path}: {error}; delete it and run again") from error
        if file not in self._rows:
            self._rows[file] = dict(zip(LOCK, (file, sha256(path), url), strict=True))
            write_table(pd.DataFrame([self._rows[name] for name in sorted(self._rows)], columns=LOCK), self.path)

    def same(self, file: str, check: Check) -> Check:
        """A check that a file is the one that the lock knows; that it passes `check`, if the lock knows none."""

        def same(path: Path) -> None:
            if file in self._rows and sha256(path) != self._rows[file]["sha256"]:
                cure = f"delete it to fetch it again, or remove its line from {self.path} to take what there is now"
                raise LinmechError(f"{file} of {self.folder} does not have the sha256 of the lock: {cure}")
            if file not in self._rows:
                check(path)

        return same

    @contextlib.contextmanager
    def archive(self, url: str, digest: str = "") -> Iterator[zipfile.ZipFile]:
        """A zip archive, there as long as the block lasts; `digest`: its SHA-256, "" = not known.

        Raises FetchError where it cannot be had, or is another one, and LinmechError where it is none or lacks a member
        that the block asks for.
        """

        def known(partial: Path) -> None:
            if digest and sha256(partial) != digest:
                raise BrokenDownloadError(f"its sha256 is not {digest}")

        path = self.folder / "archive.zip"
        fetch(url, path, patience=self.patience, check=known)
        try:
            with zipfile.ZipFile(path) as packed:
                yield packed
        except (zipfile.BadZipFile, KeyError) as error:
            raise LinmechError(f"{url}: no archive that holds what is asked for ({error})") from error
        finally:
            path.unlink()

    def unpack(self, packed: zipfile.ZipFile, member: str, path: Path, check: Check) -> None:
        """Take a member of an archive to `path`, where the lock knows it as that file, or it passes `check`."""
        with atomic(path) as partial:
            partial.write_bytes(packed.read(member))
            self.same(path.relative_to(self.folder).as_posix(), check)(partial)

    def listed(self, files: Iterable[str]) -> pd.DataFrame:
        """The lock's rows of these files, by name."""
        return pd.DataFrame([self._rows[file] for file in sorted(files)], columns=LOCK)


def write_listed(
    output: str | Path, download: Callable[[Wanted], pd.DataFrame], wanted: Callable[..., Wanted], settings: Mapping
) -> None:
    """Download what `settings`, the fields of `wanted`, say, and write `output`: the files (file, sha256, source)."""
    settings = dict(settings) | {"folder": home(settings["folder"])}
    found = download(wanted(**settings))
    write_table(found, output)
    print(f"{settings['folder']}: {len(found)} files are there and as they were at the first download")
