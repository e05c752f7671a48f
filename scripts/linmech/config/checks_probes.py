"""Checks of the photographs that are to be probed."""

from collections.abc import Iterator, Mapping

from linmech.files import home
from linmech.suggestions import suggest


def probe_problems(key: str, stanza: Mapping) -> Iterator[str]:
    """Each problem of a stanza of probes, as `key ... cure`; its photograph is looked for."""
    photo, nouns = stanza["photo"], stanza["nouns"]
    if not home(photo).is_file():
        yield f"{key}.photo: {photo} is no file; correct the path"
    for noun, box in stanza.get("boxes", {}).items():
        if noun not in nouns:
            yield f"{key}.boxes.{noun} is not asked about; {suggest(noun, nouns)}"
        if box[0] >= box[2] or box[1] >= box[3]:
            yield f"{key}.boxes.{noun}: write [left, top, right, bottom] in pixels"
