"""Where a training stands, on disk, so that a killed one goes on.

A hidden folder holds `identity.json`, all that the numbers depend on, and the last commit, `state.safetensors`, which
appears by one rename. What else a training keeps there (pools, checkpoints) is its own too.
"""

import json
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from zlib import crc32

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from linmech.errors import LinmechError
from linmech.files import atomic

IDENTITY, STATE, CHECK = "identity.json", "state.safetensors", "crc32"


def identity_in(folder: str | Path) -> dict:
    """The identity of the training that stands in `folder`; empty where none does."""
    described = Path(folder) / IDENTITY
    return json.loads(described.read_text()) if described.is_file() else {}


def _check(known: str, tensors: Mapping[str, Tensor]) -> str:
    """CRC-32 of a commit's state and of the names and bytes of its tensors, by name, in decimal."""
    total = crc32(known.encode())
    for name, tensor in sorted(tensors.items()):
        total = crc32(tensor.flatten().view(torch.uint8).cpu().numpy(), crc32(name.encode(), total))
    return str(total)


class Commits:
    """The folder of one training. `state` (as JSON has it) and `tensors` are the last commit's, empty at the start.

    `identity`: what the numbers depend on, by name. A folder of another identity is removed, which a line says.
    `every`: seconds between two commits. Raises LinmechError for a damaged commit.
    """

    def __init__(self, folder: str | Path, identity: Mapping[str, object], every: float = 60):
        self.folder, self.every = Path(folder), every
        self._opened = self._last = time.monotonic()
        self._take_up(json.loads(json.dumps(identity)))
        self.state, self.tensors = self._read()
        self._before = self.state.get("seconds", 0.0)

    def seconds(self) -> float:
        """What the training has taken: this run, and the others up to their last commits."""
        return self._before + time.monotonic() - self._opened

    def is_due(self) -> bool:
        """Whether the last commit is long enough ago."""
        return time.monotonic() - self._last >= self.every

    def commit(self, state: Mapping[str, object], tensors: Mapping[str, Tensor]) -> None:
        """Write where the training stands, in the place of the last commit; `seconds` is added to `state`."""
        known = json.dumps({**state, "seconds": self.seconds()})
        held = {name: tensor.detach().contiguous() for name, tensor in tensors.items()}
        with atomic(self.folder / STATE) as partial:
            save_file(held, partial, {"state": known, CHECK: _check(known, held)})
        self._last = time.monotonic()

    def discard(self) -> None:
        """Remove the folder; the identity goes first, so that a half-removed one is never taken up again."""
        if self.folder.exists():
            (self.folder / IDENTITY).unlink(missing_ok=True)
            shutil.rmtree(self.folder)

    def _take_up(self, identity: dict) -> None:
        before = identity_in(self.folder)
        if before == identity:
            for left in list(self.folder.rglob(".*.partial-*")):
                shutil.rmtree(left) if left.is_dir() else left.unlink()
            return
        if before:
            changed = next(key for key in {**before, **identity} if before.get(key) != identity.get(key))
            print(f"{self.folder}: starting over, because another training left it ({changed} changed)", flush=True)
        self.discard()
        with atomic(self.folder / IDENTITY) as partial:
            partial.write_text(json.dumps(identity, indent=1, sort_keys=True) + "\n")

    def _read(self) -> tuple[dict, dict[str, Tensor]]:
        path = self.folder / STATE
        if not path.is_file():
            return {}, {}
        try:
            with safe_open(path, "pt") as commit:
                known = commit.metadata()
                tensors = {name: commit.get_tensor(name).clone() for name in commit.keys()}
                if _check(known["state"], tensors) != known[CHECK]:
                    raise ValueError("it does not hold what was written")
                return json.loads(known["state"]), tensors
        except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
            raise LinmechError(f"{path} is damaged ({error}): delete {self.folder} and run the job again") from error
