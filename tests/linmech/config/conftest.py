"""The default configuration, in a folder where its model exists."""

from pathlib import Path

import pytest

from configured import ROOT
from linmech.config.reading import read


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict:
    """The default configuration in a folder where its model exists."""
    monkeypatch.chdir(tmp_path)
    config = read(ROOT / "config.yaml")
    config["models"] = {"tiny": {"source": "resources/tiny", "layers": 8}}
    config["finetuning"]["experiments"]["spatial-ids"].update(model="tiny", source="resources/tiny")
    for source in ("resources/tiny", "resources/empty"):
        Path(source).mkdir(parents=True)
    for name in ("config.json", "model.safetensors", "chat_template.jinja"):
        Path("resources/tiny", name).write_text("{}")
    return config
