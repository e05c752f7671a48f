"""What a long job left is given back when it is asked for again with the same inputs, parameters and code.

Snakemake runs everything behind a stage that runs again, although it may come out the same: a mesh is broken and
mended, a folder renamed, a key changed and changed back. The results of a job of WORTH seconds or more are therefore
linked into `results/.kept` (hard links take no room) with the hashes of all that they hang on, the last ones of each
job. Deleting that folder costs nothing but the next such run's time.
"""

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from linmech.files import atomic, sha256

WORTH = 10.0  # seconds of a job from which on its results are kept
MOST = 4 << 30  # bytes of inputs and outputs together, beyond which hashing them takes too long
FOLDER, MARK = ".kept", "kept.json"


def given_back(asked: object) -> str:
    """Put the outputs of a job back, if those of the same inputs, parameters and code are kept; when they were made, or
    "" where they are not, or are damaged.

    `asked` is the `snakemake` of a script: its rule, input, output and params.
    """
    entry = _entry(asked)
    try:
        known = json.loads((entry / MARK).read_text())
        if known["key"] != _key(asked) or any(
            sha256(entry / name) != digest for files in known["files"] for name, digest in files.items()
        ):
            return ""
        for output, number in zip(asked.output, range(len(known["files"])), strict=True):
            with atomic(output) as partial:
                _link(entry / str(number), partial)
            for path in _files(Path(output)):
                os.utime(path)
        return known["when"]
    except (OSError, ValueError, KeyError, TypeError):  # none, of another version, or a disk that has no links
        return ""


def keep(asked: object) -> None:
    """Link the outputs of a job that has ended beside those of others, in the place of its last ones.

    Nothing where they are too large, or on a disk that has no links.
    """
    entry = _entry(asked)
    with contextlib.suppress(OSError):
        shutil.rmtree(entry, ignore_errors=True)
        paths = [*asked.input, *asked.output]
        if sum(path.stat().st_size for each in paths for path in _files(Path(each))) > MOST:
            return
        with atomic(entry) as partial:
            partial.mkdir()
            for number, output in enumerate(asked.output):
                _link(Path(output), partial / str(number))
            files = [
                {str(path.relative_to(partial)): sha256(path) for path in _files(partial / str(number))}
                for number in range(len(asked.output))
            ]
            known = {"key": _key(asked), "when": f"{datetime.now():%Y-%m-%d %H:%M}", "files": files}
            (partial / MARK).write_text(json.dumps(known))


def _entry(asked: object) -> Path:
    """Where a job's results are kept: a folder for what has these outputs."""
    named = hashlib.sha256("\x1f".join(map(str, asked.output)).encode()).hexdigest()[:20]
    return Path(Path(str(asked.output[0])).parts[0]) / FOLDER / f"{asked.rule}-{named}"


def _key(asked: object) -> str:
    """Hash of a job's rule, parameters, and the names and bytes of its inputs (of which one lists the code)."""
    named = sorted(map(repr, asked.params.items()))
    total = hashlib.sha256(repr([asked.rule, named, [*map(repr, asked.params)]]).encode())
    for path in (path for each in asked.input for path in _files(Path(each))):
        total.update(f"{path}\x1f{sha256(path)}\x1f".encode())
    return total.hexdigest()


def _files(path: Path) -> Iterator[Path]:
    """The file, or all files of the folder, in the order of their names."""
    return iter(sorted(each for each in path.rglob("*") if each.is_file())) if path.is_dir() else iter([path])


def _link(source: Path, target: Path) -> None:
    """Make `target` the same file or folder of files as `source`."""
    for path in _files(source):
        own = target / path.relative_to(source)
        own.parent.mkdir(parents=True, exist_ok=True)
        os.link(path, own)
