"""A model as a stanza of config.yaml declares it: all that a job needs to load it and to say which weights it was."""

from dataclasses import dataclass

from linmech.errors import LinmechError
from linmech.models.checkpoints import fingerprint
from linmech.models.vlm import VLM, load_model


@dataclass(frozen=True)
class Declared:
    """`layers` is the number of decoder blocks that the stanza claims; the other fields are `load_model`'s."""

    name: str
    source: str
    layers: int
    dtype: str = "float32"
    device: str = "cpu"
    revision: str | None = None
    frame_newlines: str | None = None

    def load(self) -> VLM:
        """The model; raises what `load_model` raises, and LinmechError if it has another number of blocks."""
        vlm = load_model(
            self.source, name=self.name, dtype=self.dtype, device=self.device, revision=self.revision,
            frame_newlines=self.frame_newlines,
        )  # fmt: skip
        if vlm.n_layers != self.layers:
            raise LinmechError(
                f"config key models.{self.name}.layers is {self.layers}, but {self.source} has {vlm.n_layers}: correct "
                "the key"
            )
        return vlm

    @property
    def fingerprint(self) -> str:
        """The hash of the checkpoint's files (`checkpoints.fingerprint`)."""
        return fingerprint(self.source, self.revision)
