"""Which weights of a model are trained."""

import re
from collections.abc import Iterator

import torch
from peft import LoraConfig, inject_adapter_in_model
from torch import nn

from linmech.errors import LinmechError
from linmech.models.vlm import VLM
from linmech.seeds import integer

SELECTOR = re.compile(r"(vision-mlps|vision|projector|lora)(?:\(([1-9]\d*)\))?")


def select(vlm: VLM, selector: str, seed: int = 0) -> dict[str, nn.Parameter]:
    """The weights that `selector` names, by their names in the model, set to be trained, in float32; no others are.

    vision-mlps(k): of the MLPs of the last k blocks of the vision encoder (the paper's, k = 6). vision: of all that
    sees, the projector too. projector: of what stands between encoder and decoder. lora(r): adapters of rank r that
    peft puts beside the attention's projections in the decoder, drawn from `seed`. Raises LinmechError for another
    selector, and where the model has no such weights.
    """
    found = SELECTOR.fullmatch(selector)
    if not found or (found[2] is None) == (found[1] in ("vision-mlps", "lora")):
        raise LinmechError(f"selector {selector!r} of weights: use vision-mlps(6), vision, projector or lora(8)")
    if found[1] == "lora":
        chosen = _adapters(vlm, int(found[2]), seed)
    else:
        parts = {"vision-mlps": _mlps, "vision": _seeing, "projector": _projector}[found[1]]
        chosen = {id(weight) for part in parts(vlm, int(found[2] or 0)) for weight in part.parameters()}
    weights = {name: weight for name, weight in vlm.model.named_parameters() if id(weight) in chosen}
    if not weights:
        raise LinmechError(f"model {vlm.name}: {selector} names no weights of it; train another part")
    vlm.model.requires_grad_(False)
    for weight in weights.values():
        weight.data = weight.data.float()
        weight.requires_grad_(True)
    return weights


def _encoder(vlm: VLM) -> nn.Module:
    return vlm.model.get_encoder(modality="image")


def _mlps(vlm: VLM, count: int) -> list[nn.Module]:
    stacks = [part for part in _encoder(vlm).modules() if isinstance(part, nn.ModuleList)]
    blocks = [block for stack in stacks for block in stack if isinstance(getattr(block, "mlp", None), nn.Module)]
    if len(blocks) < count:
        raise LinmechError(f"model {vlm.name}: its vision encoder has {len(blocks)} blocks with an MLP, not {count}")
    return [block.mlp for block in blocks[-count:]]


def _seeing(vlm: VLM, _: int) -> list[nn.Module]:
    return [part for part in vlm.model.base_model.children() if part is not vlm.decoder]


def _projector(vlm: VLM, _: int) -> list[nn.Module]:
    """Beside encoder and decoder; or, where the encoder holds it, its merger."""
    beside = [part for part in _seeing(vlm, 0) if part is not _encoder(vlm)]
    return beside or [part for name, part in _encoder(vlm).named_children() if name == "merger"]


def _adapters(vlm: VLM, rank: int, seed: int) -> set[int]:
    named = sorted({name.rsplit(".", 1)[-1] for name in _projections(vlm)})
    inside = "|".join(named)
    config = LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=rf".*layers\.\d+\.\w*att\w*\.({inside})")
    before = {id(weight) for weight in vlm.model.parameters()}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(integer(seed, "adapters"))
        inject_adapter_in_model(config, vlm.decoder)
    return {id(weight) for weight in vlm.model.parameters()} - before


def _projections(vlm: VLM) -> Iterator[str]:
    for name, module in vlm.decoder.named_modules():
        if isinstance(module, nn.Linear) and re.fullmatch(r"layers\.\d+\.\w*att\w*\.\w+", name):
            yield name
