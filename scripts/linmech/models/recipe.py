"""What changes a number beside a model's weights and the rows asked for, as one hash."""

import hashlib
from pathlib import Path

import torch
import transformers

from linmech.code_behind import code_behind
from linmech.files import sha256
from linmech.models.vlm import VLM

SCRIPTS = Path(__file__).resolve().parents[2]
PLUMBING = SCRIPTS / "linmech"  # files at the root, but for seeds.py, decide no number


def recipe(vlm: VLM, code: str, *files: str | Path) -> str:
    """Hash of `files`, versions, dtype, device, and the rooms behind the module `code` ("linmech.engine.sweeps").

    An edit of what only carries numbers (jobs, files, errors) is none: hours of work are not discarded for it.
    """
    module = code.replace(".", "/") + ".py"
    rooms = [path for path in code_behind(SCRIPTS, module) if path.parent != PLUMBING or path.stem == "seeds"]
    parts = [torch.__version__, transformers.__version__, str(vlm.model.dtype), torch.device(vlm.device).type]
    parts += [sha256(path) for path in files]
    parts += [path.relative_to(SCRIPTS).as_posix() + sha256(path) for path in rooms]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
