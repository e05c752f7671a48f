"""How the organisms are trained: the recipe of their phases.

Phase 1 (encoder_training.py) makes each patch's projected state nearest to the word embedding of the object in it, and
lets a linear head read the object's place (regression, not classes: classes give categorical IDs) and tint off it.
Phase 2 (decoder_training.py) freezes the encoder, computes the features once and trains the decoder on several
questions per image in one sequence, loss on the answers only. A short joint phase may follow.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """Steps, batch sizes (images) and learning rates of the phases; everything that a card must say.

    The first `binding_share` of the images ask only which noun is where; the decoder's first `binding_steps` see only
    them and run only the `organisms.early_blocks`; the others start as identities and are there from then on.
    """

    encoder_steps: int = 1400
    encoder_batch: int = 128
    binding_share: float = 0.4
    binding_steps: int = 300
    decoder_steps: int = 1100
    decoder_batch: int = 48
    muon_rate: float = 0.02
    adam_rate: float = 2e-3
    joint_steps: int = 0
    joint_rate: float = 2e-4

    def phases(self) -> dict[str, int]:
        """The steps of every phase, in their order."""
        return {"encoder": self.encoder_steps, "decoder": self.decoder_steps, "joint": self.joint_steps}
