"""The engine's benchmarks are run by hand (docs/benchmarks.md); here, that each still runs and tells its numbers."""

import importlib
import json
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
SMALL = {
    "sweep": ["--layers", "1", "--vectors", "2", "--sample", "1"],
    "mirror_swap": ["--sample", "1"],
    "extraction": ["--images", "4", "--batch", "2", "--side", "64"],
}


@pytest.mark.parametrize("name", SMALL)
def test_a_benchmark_runs_on_the_smallest_shape_and_tells_its_seconds(name, monkeypatch, capsys):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    monkeypatch.setattr(sys, "argv", [name, "--shape", "organism", "--repeats", "1", *SMALL[name]])
    importlib.import_module(name).main()
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["what"] and all(min(seconds) > 0 for seconds in told["seconds"].values()) and told["seconds"]
