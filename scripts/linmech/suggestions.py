"""What a user who mistyped a name may have meant."""

import difflib
from collections.abc import Iterable

SHOWN = 20


def suggest(wrong: object, known: Iterable[object]) -> str:
    """`did you mean 'mug' or 'jug'? (choose from ...)`, the guesses only where any are close.

    Choices are listed in full up to 20, beyond that only where there is no guess, and then the first 20.
    """
    names = [str(name) for name in known]
    close = difflib.get_close_matches(str(wrong).lower(), names, n=3, cutoff=0.5)
    choices = f"choose from {', '.join(names[:SHOWN])}{', ...' if len(names) > SHOWN else ''}"
    if not close:
        return choices
    guess = f"did you mean {' or '.join(map(repr, close))}?"
    return f"{guess} ({choices})" if len(names) <= SHOWN else guess
