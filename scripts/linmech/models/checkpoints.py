"""Checkpoint folders: where a model's files lie, whether they are all there, and what identifies them."""

import hashlib
import json
from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
from tqdm import tqdm

from linmech.errors import LinmechError
from linmech.files import sha256

PATTERNS = ("*.json", "*.jinja", "*.txt", "*.model", "*.safetensors")
TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json")
PROCESSORS = ("processor_config.json", "preprocessor_config.json")


def resolve(source: str | Path, revision: str | None = None) -> Path:
    """The local folder of `source`: the folder itself, or a hub repository's snapshot (fetched once).

    Raises LinmechError if a path does not exist, the repository cannot be fetched, or a needed file is absent.
    """
    if Path(source).is_dir():
        return check_folder(Path(source))
    if str(source).count("/") != 1 or str(source).startswith((".", "/", "~")):
        raise LinmechError(f"model {source}: no such folder; give a folder or a hub id (llava-hf/llava-1.5-7b-hf)")
    try:
        folder = snapshot_download(str(source), revision=revision, allow_patterns=list(PATTERNS))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise LinmechError(
            f"model {source} is neither a folder nor fetched from the hub ({type(error).__name__}); "
            "check the name, the network, and for a gated model run `hf auth login`"
        ) from error
    return check_folder(Path(folder))


def check_folder(folder: Path) -> Path:
    """`folder`, if it holds a configuration, safetensors weights, a tokenizer and a processor; else LinmechError."""
    if not (folder / "config.json").is_file():
        raise LinmechError(f"{folder}/config.json is missing; save the model with save_pretrained into this folder")
    if not any(folder.glob("*.safetensors")):
        pickled = sorted(folder.glob("*.bin")) + sorted(folder.glob("*.pt*"))
        found = f"only {pickled[0].name}, a pickle that may run code" if pickled else "no weights"
        raise LinmechError(f"{folder}/model.safetensors is missing ({found}); convert the weights to safetensors")
    for names, what in ((TOKENIZERS, "tokenizer"), (PROCESSORS, "processor")):
        if not any((folder / name).is_file() for name in names):
            raise LinmechError(f"{folder}/{names[0]} is missing; save the {what} with save_pretrained into this folder")
    return folder


def model_type(source: str | Path, revision: str | None = None) -> str:
    """The class of a checkpoint as its config.json names it, e.g. "llava"; LinmechError if it names none."""
    path = resolve(source, revision) / "config.json"
    try:
        return str(json.loads(path.read_text())["model_type"])
    except (ValueError, KeyError, TypeError) as error:
        raise LinmechError(f"{path}: names no model_type ({error}); save the model with save_pretrained") from error


def files_of(folder: Path) -> list[Path]:
    """The files of a checkpoint that decide numbers, sorted."""
    return sorted({path for pattern in PATTERNS for path in folder.glob(pattern)})


def fingerprint(source: str | Path, revision: str | None = None) -> str:
    """Hex SHA-256 over the names and bytes of a checkpoint's configuration, tokenizer, processor and weight files.

    Two sources with the same fingerprint give the same numbers; a change of one byte gives another fingerprint.
    """
    folder, total = resolve(source, revision), hashlib.sha256()
    files = files_of(folder)
    for path in tqdm(files, desc=f"hashing {folder.name}", leave=False, disable=len(files) < 3):
        total.update(f"{path.name}\x1f{sha256(path)}\x1f".encode())
    return total.hexdigest()
