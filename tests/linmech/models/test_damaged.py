"""A checkpoint that does not fill its class, or is damaged, is one line with its file; nothing is drawn at random."""

import json

import pytest
from safetensors.torch import load_file, save_file

import tiny
from linmech.errors import LinmechError
from linmech.models import vlm
from linmech.models.declared import Declared
from linmech.models.vlm import load_model


def without_a_block(tensors):
    return {key: value for key, value in tensors.items() if ".layers.2." not in key or "vision" in key}


def with_another(tensors):
    return tensors | {"language_model.model.layers.9.mlp.up_proj.weight": next(iter(tensors.values())).clone()}


def of_another_shape(tensors):
    key = next(key for key in tensors if key.endswith("layers.1.mlp.up_proj.weight") and "vision" not in key)
    return tensors | {key: tensors[key][:-1].contiguous()}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without_a_block, r"9 tensors are missing in its safetensors, .*layers\.2\..*copy all of its files again"),
        (with_another, r"1 tensors are unexpected in its safetensors, .*layers\.9"),
        (of_another_shape, r"1 tensors are mismatched in its safetensors, .*layers\.1\.mlp"),
    ],
)
def test_tensors_that_are_missing_or_unknown_or_of_another_shape_are_refused(folder, change, said):
    weights = folder / "model.safetensors"
    save_file(change(load_file(weights)), weights, {"format": "pt"})
    with pytest.raises(LinmechError, match=said):
        load_model(folder)


def empty(path):
    path.write_bytes(b"")


def cut(path):
    path.write_bytes(path.read_bytes()[:-5000])


def headless(path):
    data = bytearray(path.read_bytes())
    data[:8] = b"\xff" * 8
    path.write_bytes(data)


@pytest.mark.parametrize("harm", [empty, cut, headless])
def test_a_damaged_safetensors_file_is_one_line(folder, harm):
    harm(folder / "model.safetensors")
    with pytest.raises(LinmechError, match=r"a safetensors file is damaged \(.*\); copy it again") as told:
        load_model(folder)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("file", ["config.json", "processor_config.json", "tokenizer.json", "tokenizer_config.json"])
def test_a_file_of_settings_that_is_no_json_is_one_line(folder, file):
    (folder / file).write_text((folder / file).read_text()[:-40])
    with pytest.raises(LinmechError, match="cannot load it") as told:
        load_model(folder)
    assert "\n" not in str(told.value)


def test_a_config_of_impossible_sizes_is_one_line(folder):
    config = json.loads((folder / "config.json").read_text())
    config["text_config"]["num_attention_heads"] = 0
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(LinmechError, match="cannot load it"):
        load_model(folder)


def test_a_flipped_byte_in_weights_that_were_identified_is_seen_before_they_are_used(folder):
    model = Declared("tiny", str(folder), tiny.LAYERS).identified()
    assert model.load().n_layers == tiny.LAYERS
    data = bytearray((folder / "model.safetensors").read_bytes())
    data[-100] ^= 1
    (folder / "model.safetensors").write_bytes(data)
    with pytest.raises(LinmechError, match="not those that were identified.*delete results/models/tiny.json"):
        model.load()


@pytest.mark.parametrize("device", ["mps", "cuda:7", "xpu", "nonsense"])
def test_a_device_that_is_not_here_is_one_line(folder, device):
    with pytest.raises(LinmechError, match=f"device '{device}' is not available .*device: cpu"):
        load_model(folder, device=device)


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("CUDA error: unspecified launch failure")])
def test_what_the_machine_does_wrong_while_a_model_loads_is_no_fault_of_its_files(folder, error, monkeypatch):
    def load(*_, **__):
        raise error

    monkeypatch.setattr(vlm.AutoModelForImageTextToText, "from_pretrained", load)
    with pytest.raises(type(error)) as raised:
        load_model(folder)
    assert raised.value is error
    error = RuntimeError("size mismatch")
    with pytest.raises(LinmechError, match=r"transformers cannot load it \(RuntimeError: size mismatch\)"):
        load_model(folder)
