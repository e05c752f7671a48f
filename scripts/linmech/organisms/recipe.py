"""How the organisms are trained: the recipe of their phases.

Phase 1 (encoder_training.py) makes patches nearest to the word embeddings of the object in them, and of its colour;
what else it is told is the `place_loss`. Phase 2 (decoder_training.py) freezes the encoder, computes the features once
and trains the decoder on several questions per image in one sequence, loss on the answers only. A short joint phase may
follow.
"""

from collections.abc import Sequence
from dataclasses import dataclass

PLACE_LOSSES = ("none", "linear", "classes", "scrambled")
POSITIONS = ("learned", "sinusoid", "permuted", "none", "rotary")


@dataclass(frozen=True)
class Recipe:
    """Steps, batch sizes (images) and learning rates of the phases; everything that a card must say.

    `early`: 0 = the contrast acts on what the projector gives, which reads the tower's last layer. Above 0 it has a
    head of its own on that layer, and the projector reads the tower's embeddings too (at this share of the contrast's
    part), in which places survive; it is set once, as a linear map. InternVL's takes what the last layer holds in
    their place. `contrast`: inverse temperature of the cosines.
    `positions`: the tower's table of positions, learned or frozen (towers.py), or rotary (rotary_places.py).
    `place_loss`: what an object's patches are told of its place: nothing (none), x, y, depth along three lines
    (linear), one of 16 classes (classes), x and y of another cell (scrambled). `unasked`: kinds of questions that are
    left out. `listed`: the share of questions about columns, rows, frames and colours in which the answer follows the
    noun itself, as in a list ("columns: cup two").
    `shuffled`: the decoder sees the frames of every video in an order drawn anew. `norm`: of the projected patches,
    where `early` is 0 (0 = as they come).
    `repainted`: the share of objects that phase 1 paints in a new colour at every step after its first third.
    `precision`: of the products, "bfloat16" or "float32"; "measured" stands for the faster one where a training begins
    (`Plan.begun`).

    `binding_frames`: of videos, how many are shown in the decoder's first steps, the first ones (0 = all); the objects
    of those videos are seen in them.

    The first `binding_share` of the images ask only which noun is where; the decoder's first `binding_steps` see
    only them and run only the `binding_blocks`: `spread`, every second of eight, where the others start as identities
    and are there from then on, or `all`.
    """

    place_loss: str = "none"
    positions: str = "sinusoid"
    early: float = 0.6
    contrast: float = 7.0
    unasked: Sequence[str] = ()
    listed: float = 0.7
    repainted: float = 0.4
    shuffled: bool = False
    binding_frames: int = 0
    norm: float = 0
    encoder_steps: int = 1600
    encoder_batch: int = 128
    binding_share: float = 0.4
    binding_steps: int = 300
    binding_blocks: str = "spread"
    decoder_steps: int = 1600
    decoder_batch: int = 48
    muon_rate: float = 0.02
    adam_rate: float = 2e-3
    joint_steps: int = 0
    joint_rate: float = 2e-4
    precision: str = "bfloat16"

    def phases(self) -> dict[str, int]:
        """The steps of every phase, in their order."""
        return {"encoder": self.encoder_steps, "decoder": self.decoder_steps, "joint": self.joint_steps}
