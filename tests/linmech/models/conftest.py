"""The tiny checkpoints in the layout of the published ones (tests/published.py)."""

import functools
import shutil
import tempfile
from pathlib import Path

import pytest
import torch
from transformers import AutoConfig, AutoProcessor

import published
import tiny
from linmech.models.processing import pin
from linmech.models.vlm import VLM, load_model


@functools.cache
def loaded(key: str, shared: Path, **options) -> VLM:
    """The tiny model of a checkpoint's layout, shared by the tests of a process."""
    with tempfile.TemporaryDirectory() as folder:
        return load_model(published.save(published.told(key, shared), Path(folder) / key), **options)


@pytest.fixture
def of(shared_data):
    """The tiny model of a key."""
    return lambda key, **options: loaded(key, shared_data, **options)


@pytest.fixture
def full(shared_data, tmp_path):
    """The processor of a key with its published sizes, pinned by the keys of a stanza; its model has no weights."""

    def make(key: str, **keys):
        folder = published.save(published.told(key, shared_data), tmp_path / f"{key}-{len(keys)}", full=True)
        processor, config = AutoProcessor.from_pretrained(folder), AutoConfig.from_pretrained(folder)
        model = torch.nn.Module()
        model.config = config
        pin(processor, model, folder, name=key, **keys)
        return VLM(model, processor, key, folder)

    return make


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """The folder of the tiny LLaVA."""
    return tiny.llava_folder(tmp_path_factory.mktemp("model"))


@pytest.fixture
def folder(original, tmp_path):
    """A copy of it, to be spoilt."""
    return shutil.copytree(original, tmp_path / "model")
