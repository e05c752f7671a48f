"""What changes a number beside a model's weights and the rows asked for, as one hash."""

import hashlib
from pathlib import Path

import torch
import transformers

from linmech.code_behind import hashes_behind
from linmech.files import sha256
from linmech.models.processing import Pinned
from linmech.models.vlm import VLM

SCRIPTS = Path(__file__).resolve().parents[2]


def recipe(vlm: VLM, code: str, *files: str | Path) -> str:
    """Hash of `files`, versions, dtype, device, what is pinned of the processor, and the rooms behind the module `code`
    ("linmech.engine.sweeps").

    An edit of what only carries numbers is none (`hashes_behind`).
    """
    parts = [torch.__version__, transformers.__version__, str(vlm.model.dtype), torch.device(vlm.device).type]
    parts += [repr(Pinned.of(vlm.processor)), *(sha256(path) for path in files)]
    parts += hashes_behind(SCRIPTS, code.replace(".", "/") + ".py")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
