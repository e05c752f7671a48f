"""Which files of code stand behind a script or a module: what must run again, or be begun anew, when one is edited."""

import ast
import functools
from collections.abc import Iterable, Iterator
from pathlib import Path

from linmech.errors import LinmechError
from linmech.files import atomic, sha256

LIBRARY, DECIDES = "linmech", "seeds"
_hash = functools.cache(sha256)  # files do not change while Snakemake plans


@functools.cache
def code_behind(root: Path, *files: str) -> tuple[Path, ...]:
    """`files` (relative to the folder `root`) and what they import of `root`'s own, directly or not, sorted.

    Only absolute imports are followed. Of a package, the `__init__.py` of every parent is among them, as Python runs
    it. Raises FileNotFoundError for a file that is not there.
    """
    found: set[Path] = set()
    waiting = [root / file for file in files]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += _imported(root, path)
    return tuple(sorted(found))


def hashes_behind(root: Path, *files: str) -> list[str]:
    """Path and SHA-256 of each file behind `files` that decides numbers, in one order.

    What lies at the root of the library, but for seeds.py, only carries them (jobs, files, errors): hours of work are
    not discarded for an edit of it.
    """
    rooms = (path for path in code_behind(root, *files) if path.parent != root / LIBRARY or path.stem == DECIDES)
    return [path.relative_to(root).as_posix() + sha256(path) for path in rooms]


@functools.cache
def code_file(root: Path, folder: Path, *files: str) -> Path:
    """The file in `folder` that lists path and SHA-256 of all code behind `files`; written where that has changed.

    One file to look at in the place of some sixty. Raises LinmechError where it cannot be written.
    """
    listed = "".join(f"{_hash(path)}  {path.relative_to(root).as_posix()}\n" for path in code_behind(root, *files))
    path = folder / ("+".join(file.removesuffix(".py").replace("/", ".") for file in files) + ".txt")
    if not path.is_file() or path.read_text() != listed:
        try:
            with atomic(path) as partial:
                partial.write_text(listed)
        except OSError as error:
            raise LinmechError(f"{path} cannot be written ({error.strerror}); allow it, or run elsewhere") from None
    return path


@functools.cache
def _imported(root: Path, path: Path) -> tuple[Path, ...]:
    """The files of `root` that the code in `path` imports by itself; a name may be a module's or something in it.

    Read once, though many rules ask: files do not change while Snakemake plans.
    """
    return tuple(dict.fromkeys(_found(root, path)))


def _found(root: Path, path: Path) -> Iterator[Path]:
    for node in _statements(ast.parse(path.read_text()).body):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            yield from _files_of(root, name)


def _statements(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The statements of a body and of all that they hold; no import is within an expression."""
    for node in body:
        yield node
        for part in ("body", "orelse", "finalbody", "handlers", "cases"):
            yield from _statements(getattr(node, part, ()))


@functools.cache
def _files_of(root: Path, name: str) -> tuple[Path, ...]:
    """The files of `root` that an import of the dotted `name` runs: its own and its parents', if they are there."""
    parent, _, _ = name.rpartition(".")
    folder = root / name.replace(".", "/")
    own = (path for path in (folder.with_suffix(".py"), folder / "__init__.py") if path.is_file())
    return (*(_files_of(root, parent) if parent else ()), *own)
