"""Faults that are planted in a healthy model, never trained: so it is known which part fails, and in which items."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from linmech.seeds import rng

FAULTS = ("vision", "binding", "readout")


@dataclass(frozen=True)
class Fault:
    """What is broken, in a known `share` of an experiment's items.

    vision: the tower gets the picture with the contents of the two nouns' boxes exchanged. binding: in `blocks`
    (counted from 1; () = the first half) the nouns' attention to the picture is knocked out. readout: the rows of the
    unembedding that hold the two answers are exchanged. Activations that are cached for IDs are the healthy model's.
    """

    kind: str
    share: float = 0.3
    blocks: tuple[int, ...] = ()
    seed: int = 0

    @classmethod
    def of(cls, stanza: Mapping[str, Any]) -> "Fault":
        """The fault that a stanza of the config, or a model's JSON, describes."""
        return cls(**{**stanza, "blocks": tuple(stanza.get("blocks", ()))})

    def afflicts(self, item: str) -> bool:
        """Whether the item of that id is one of them; it depends on the seed, the kind and the id alone."""
        return bool(rng(self.seed, "fault", self.kind, item).random() < self.share)
