"""Laws of the number type that a machine is fast in: it is the faster one, and a slow one is told."""

import pytest
import torch

import tiny
from linmech.models import precision
from linmech.models.declared import Declared
from linmech.models.precision import faster_precision, seconds_of_a_product, warn_of_slow
from linmech.models.vlm import load_model


def taking(monkeypatch, **seconds):
    monkeypatch.setattr(precision, "seconds_of_a_product", lambda dtype: seconds[str(dtype).removeprefix("torch.")])


@pytest.mark.parametrize(("float32", "bfloat16", "chosen"), [(3.0, 1.0, "bfloat16"), (0.016, 0.583, "float32")])
def test_the_faster_type_is_chosen_and_the_log_says_why(float32, bfloat16, chosen, monkeypatch, capsys):
    taking(monkeypatch, float32=float32, bfloat16=bfloat16)
    assert faster_precision() == chosen
    told = capsys.readouterr().out
    assert f"float32 {1e3 * float32:.2f} ms, bfloat16 {1e3 * bfloat16:.2f} ms" in told and told.endswith(f"{chosen}\n")


def test_a_gpu_is_not_measured():
    assert faster_precision("cuda:1") == "bfloat16"


def test_a_model_in_a_type_that_the_cpu_is_slow_in_is_told_once_with_its_cure(monkeypatch, capsys):
    taking(monkeypatch, float32=0.016, bfloat16=0.583)
    warn_of_slow("float32", "cpu", "mine")
    warn_of_slow("bfloat16", "cuda", "mine")
    assert not capsys.readouterr().out
    warn_of_slow("bfloat16", "cpu", "mine")
    assert capsys.readouterr().out == (
        "model mine: bfloat16 is 36.4 times slower than float32 on this CPU; set dtype: float32\n"
    )
    taking(monkeypatch, float32=0.03, bfloat16=0.01)
    warn_of_slow("bfloat16", "cpu", "mine")
    assert not capsys.readouterr().out


def test_a_product_takes_some_time():
    assert 0 < seconds_of_a_product(torch.float32) < 10


@pytest.mark.parametrize(("device", "chosen"), [("cpu", "float32"), ("cuda", "bfloat16"), ("auto", "bfloat16")])
def test_a_type_that_is_to_be_chosen_is_chosen_once_and_written_down(device, chosen, monkeypatch, tmp_path, capsys):
    taking(monkeypatch, float32=1.0, bfloat16=2.0)
    folder = tiny.llava_folder(tmp_path)
    Declared("tiny", str(folder), tiny.LAYERS, dtype="auto", device=device).identified().write(tmp_path / "tiny.json")
    assert ("on this CPU: float32" in capsys.readouterr().out) == (device == "cpu")
    taking(monkeypatch, float32=2.0, bfloat16=1.0)  # another machine
    known = Declared.read(tmp_path / "tiny.json")
    assert known.dtype == chosen and known.load().dtype == getattr(torch, chosen)


def test_the_library_chooses_where_it_loads(monkeypatch, tmp_path):
    taking(monkeypatch, float32=2.0, bfloat16=1.0)
    assert load_model(tiny.llava_folder(tmp_path), dtype="auto").dtype == torch.bfloat16
