"""What README shows runs as it stands."""

import re

import torch

import tiny
from conftest import ROOT


def test_the_code_of_the_readme_runs(monkeypatch):
    monkeypatch.chdir(ROOT)
    (code,) = re.findall(r"^```python\n(.*?)^```$", (ROOT / "README.md").read_text(), re.M | re.S)
    names = {"image": tiny.image().resize((128, 128)), "vector": torch.ones(128) / 128**0.5}
    exec(code, names)
    assert len(names["beliefs"]) == 10 and len(set(names["beliefs"])) == 10
