"""Checks of the models' folders by what lies in them, so that no job has to begin to tell what is wrong."""

import json
from collections.abc import Iterator
from pathlib import Path

TEMPLATES = ("chat_template.jinja", "chat_template.json")
TOLD = ("processor_config.json", "tokenizer_config.json")  # which hold the template, in older checkpoints


def folder_problems(key: str, source: str, folder: Path, layers: int) -> Iterator[str]:
    """Each problem of a model whose stanza at `key` says that it is in the folder `source`, as `key ... cure`."""
    if not folder.is_dir():
        yield f"{key}.source: folder {source} does not exist; correct the path, or give a Hub id (owner/name)"
        return
    if not (folder / "config.json").is_file():
        yield f"{key}.source: folder {source} has no config.json; name the folder of a model in safetensors"
        return
    if not any(folder.glob("*.safetensors")):
        yield f"{key}.source: folder {source} has no safetensors; convert its weights, pickles are never loaded"
    if not any((folder / name).is_file() for name in TEMPLATES) and not any(_templated(folder / name) for name in TOLD):
        yield f"{key}.source: folder {source} has no chat_template.jinja; put the model's own chat template there"
    if (blocks := _blocks(folder / "config.json")) not in (layers, None):
        yield f"{key}.layers is {layers}, and {source}/config.json has {blocks}; correct the key"


def _templated(path: Path) -> bool:
    return isinstance(_read(path), dict) and "chat_template" in _read(path)


def _blocks(path: Path) -> int | None:
    """How many blocks a decoder has, if its config.json says so; what it leaves to its class is not known here."""
    known = _read(path)
    known = known if isinstance(known, dict) else {}
    text = known.get("text_config", known)
    blocks = text.get("num_hidden_layers") if isinstance(text, dict) else None
    return blocks if isinstance(blocks, int) else None


def _read(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # what is wrong with it, who loads the model will say
        return None
