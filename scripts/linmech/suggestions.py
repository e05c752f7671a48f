"""What a user who mistyped a name may have meant."""

import difflib
from collections.abc import Iterable


def suggest(wrong: str, known: Iterable[str]) -> str:
    """`did you mean 'mug' or 'jug'?`, or the choices (at most 20) where nothing is close."""
    known = list(known)
    close = difflib.get_close_matches(wrong, known, n=3, cutoff=0.6)
    if close:
        return f"did you mean {' or '.join(repr(name) for name in close)}?"
    return f"choose from {', '.join(known[:20])}{', ...' if len(known) > 20 else ''}"
