"""What a long job left is given back when it is asked for again with the same inputs, parameters and code.

Snakemake runs everything behind a stage that runs again, although it may come out the same: a mesh is broken and
mended, a folder renamed, a key changed and changed back. What a job that runs a model left, if it took WORTH seconds or
more, is therefore linked into `results/.kept` (hard links take no room) with the hashes of all that it hangs on, the
last results of each job. Only of jobs that read nothing but their inputs: what one reads of a folder or a server that
is no input of its rule (photographs, real videos) is not seen. Deleting `results/.kept` costs nothing but time.
"""

import contextlib
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from linmech.files import atomic, sha256

WORTH = 10.0  # seconds of a job from which on its results are kept
MOST = 4 << 30  # bytes of a job's inputs, or of its outputs, beyond which hashing them takes too long
COMPUTE = ("torch", "transformers", "numpy", "scipy", "pandas")
FOLDER, MARK = ".kept", "kept.json"
FILED = "refused.tsv"  # beside the tables of photographs and real videos, which are read from where they lie


def call(job: Callable[[], object], asked: object) -> None:
    """Call `job`, unless what it would leave is kept; keep what it left if that took long.

    `asked` is the `snakemake` of its script: rule, input, output and params.
    """
    key, entry = _key(asked), _entry(asked)
    if key and (when := _given_back(asked.output, entry, key)):
        print(f"all that this hangs on is as it was: what {asked.rule} left on {when} is given back (linmech.kept)")
        return
    began = time.monotonic()
    job()
    if key and time.monotonic() - began >= WORTH:
        _keep(asked.output, entry, key)


def _given_back(outputs: Sequence[str], entry: Path, key: str) -> str:
    """Put outputs back, if those under this key are kept, and say when they were made; "" if not, or if damaged."""
    try:
        known = json.loads((entry / MARK).read_text())
        if known["key"] != key or any(
            sha256(entry / name) != digest for files in known["files"] for name, digest in files.items()
        ):
            return ""
        for output, number in zip(outputs, range(len(known["files"])), strict=True):
            with atomic(output) as partial:
                _link(entry / str(number), partial)
            for path in _files(Path(output)):
                os.utime(path)
        return known["when"]
    except (OSError, ValueError, KeyError, TypeError):  # none, of another version, or a disk that has no links
        return ""


def _keep(outputs: Sequence[str], entry: Path, key: str) -> None:
    """Link outputs beside those of other jobs, in the place of the last ones of this.

    Nothing where they are too large, or on a disk that has no links.
    """
    with contextlib.suppress(OSError):
        shutil.rmtree(entry, ignore_errors=True)
        if _size(outputs) > MOST:
            return
        with atomic(entry) as partial:
            partial.mkdir()
            for number, output in enumerate(outputs):
                _link(Path(output), partial / str(number))
            files = [
                {str(path.relative_to(partial)): sha256(path) for path in _files(partial / str(number))}
                for number in range(len(outputs))
            ]
            known = {"key": key, "when": f"{datetime.now():%Y-%m-%d %H:%M}", "files": files}
            (partial / MARK).write_text(json.dumps(known))


def _entry(asked: object) -> Path:
    """Where a job's results are kept: a folder for what has these outputs."""
    named = hashlib.sha256("\x1f".join(map(str, asked.output)).encode()).hexdigest()[:20]
    return Path(Path(str(asked.output[0])).parts[0]) / FOLDER / f"{asked.rule}-{named}"


def _key(asked: object) -> str:
    """Hash of a job's rule, parameters, the versions of what computes, and the names and bytes of its inputs (of which
    one lists the code); "" where they are too large, or name pictures that are files of somebody else's.
    """
    if _size(asked.input) > MOST or any((Path(each).parent / FILED).exists() for each in asked.input):
        return ""
    named = [*sorted(map(repr, asked.params.items())), *map(repr, asked.params)]
    total = hashlib.sha256(repr([asked.rule, named, [(name, version(name)) for name in COMPUTE]]).encode())
    for path in (path for each in asked.input for path in _files(Path(each))):
        total.update(f"{path}\x1f{sha256(path)}\x1f".encode())
    return total.hexdigest()


def _size(paths: Iterable[str]) -> int:
    """The bytes of files and folders together."""
    return sum(path.stat().st_size for each in paths for path in _files(Path(each)))


def _files(path: Path) -> Iterator[Path]:
    """The file, or all files of the folder, in the order of their names."""
    return iter(sorted(each for each in path.rglob("*") if each.is_file())) if path.is_dir() else iter([path])


def _link(source: Path, target: Path) -> None:
    """Make `target` the same file or folder of files as `source`."""
    for path in _files(source):
        own = target / path.relative_to(source)
        own.parent.mkdir(parents=True, exist_ok=True)
        os.link(path, own)
