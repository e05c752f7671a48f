"""A model as a stanza of config.yaml declares it, and as `identify_model` knows it: what a job needs to load it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from linmech.errors import LinmechError
from linmech.files import atomic
from linmech.models.checkpoints import files_of, fingerprint, model_type, resolve
from linmech.models.faults import Fault
from linmech.models.precision import known_type
from linmech.models.vlm import VLM, load_model

SMALL = 2 << 30  # bytes


@dataclass(frozen=True)
class Declared:
    """`layers` is the number of decoder blocks that the stanza claims, `fingerprint` the hash of the checkpoint's files
    and `model_type` its class ("" = not known yet), `fault` what is planted in it (`Fault`'s fields); the other fields
    are `load_model`'s.
    """

    name: str
    source: str
    layers: int
    dtype: str = "float32"
    device: str = "cpu"
    revision: str | None = None
    frame_newlines: str | None = None
    frame_patches: str | None = None
    pixels: Sequence[int] | None = None
    tiles: int | None = None
    date: str | None = None
    pad_to_square: bool | None = None
    fault: Mapping[str, object] | None = None
    fingerprint: str = ""
    model_type: str = ""

    @classmethod
    def read(cls, path: str | Path, device: str = "cpu") -> "Declared":
        """The model that `identify_model` wrote down. LinmechError for a file that is something else."""
        try:
            return replace(cls(**json.loads(Path(path).read_text())), device=device)
        except (OSError, ValueError, TypeError) as error:
            raise LinmechError(f"{path}: says nothing of a model ({error}); delete it and run again") from error

    def write(self, path: str | Path) -> None:
        """Write down all but the device, which decides no number."""
        known = {key: value for key, value in asdict(self).items() if key != "device"}
        with atomic(path) as partial:
            partial.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")

    def identified(self) -> "Declared":
        """The same with its class and the hash of its files, all of which are read: minutes for a large model. The
        number type "auto" is chosen here, once: all jobs of a model read it, wherever they run.

        Raises LinmechError where a file is missing, or the repository cannot be fetched.
        """
        found = fingerprint(self.source, self.revision)
        dtype = known_type(self.dtype, self.device)
        return replace(self, dtype=dtype, fingerprint=found, model_type=model_type(self.source, self.revision))

    def load(self) -> VLM:
        """The model; raises what `load_model` raises, and LinmechError if it has another number of blocks, or if its
        files are not those that were identified (looked at up to `SMALL` bytes; reading more takes minutes).
        """
        folder = resolve(self.source, self.revision)
        small = sum(path.stat().st_size for path in files_of(folder)) <= SMALL
        if self.fingerprint and small and fingerprint(folder) != self.fingerprint:
            raise LinmechError(
                f"model {self.name}: the files in {folder} are not those that were identified (changed, or damaged); "
                f"restore them, or delete results/models/{self.name}.json to identify them again"
            )
        vlm = load_model(
            self.source, name=self.name, dtype=self.dtype, device=self.device, revision=self.revision,
            frame_newlines=self.frame_newlines, frame_patches=self.frame_patches, pixels=self.pixels, tiles=self.tiles,
            date=self.date, pad_to_square=self.pad_to_square,
        )  # fmt: skip
        if vlm.n_layers != self.layers:
            raise LinmechError(
                f"config key models.{self.name}.layers is {self.layers}, but {self.source} has {vlm.n_layers}: correct "
                "the key"
            )
        return replace(vlm, fault=Fault.of(self.fault)) if self.fault else vlm
