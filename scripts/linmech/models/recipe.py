"""What changes a number beside a model's weights, as one hash."""

import hashlib
import sys
from pathlib import Path

import torch
import transformers

from linmech.files import sha256
from linmech.models.vlm import VLM


def recipe(vlm: VLM, *files: str | Path) -> str:
    """Hash of what changes a number beside model weights and rows: `files`, code, versions, dtype, device.

    The code is that of the linmech rooms which the running process has imported.
    """
    rooms = {name: room.__file__ for name, room in sys.modules.items() if name.startswith("linmech.")}
    parts = [torch.__version__, transformers.__version__, str(vlm.model.dtype), torch.device(vlm.device).type]
    parts += [sha256(path) for path in files]
    parts += [name + sha256(rooms[name]) for name in sorted(rooms)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
