"""Bounds of a configuration: what is too large, too deep or endless is told before anything walks through it."""

from collections.abc import Iterator, Mapping

from linmech.errors import LinmechError

MOST = 50_000  # keys and entries: some hundred times those of config.yaml
DEEPEST = 40
LARGEST = 2**63 - 1


def bounded(config: object, where: str = "the configuration") -> None:
    """LinmechError for what no configuration is: anchors that multiply or hold themselves, numbers without end.

    Aliases share their objects until something walks through them, so this stops counting at `MOST`.
    """
    for number, (path, depth, value) in enumerate(_walk(config)):
        if depth > DEEPEST:
            start = ".".join(path.split(".")[:3])
            raise LinmechError(f"{where}: {start}... is deeper than {DEEPEST} keys, or holds itself; correct the file")
        if number > MOST:
            raise LinmechError(f"{where} has more than {MOST} entries; write fewer, or use fewer of its anchors (&, *)")
        if isinstance(value, int) and abs(value) > LARGEST:
            raise LinmechError(f"{where}: {path} is an integer of over 63 bits; give a smaller one")


def _walk(config: object) -> Iterator[tuple[str, int, object]]:
    """(dotted path, depth, value) of everything, the root first; what is deeper than `DEEPEST` is not entered."""
    waiting = [("", 0, config)]
    while waiting:
        path, depth, value = waiting.pop()
        yield path, depth, value
        if depth > DEEPEST:
            return
        inner = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
        waiting += [(f"{path}.{key}".strip("."), depth + 1, one) for key, one in inner]
