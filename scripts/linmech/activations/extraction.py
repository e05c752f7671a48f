"""Run a model over many questions and keep the residual stream where chosen words stand (paper section 3.1).

One forward pass per batch of prompts of about one length; an image that several questions are about is run once; only
the selected positions leave the device, while the next batch runs; images are composed and preprocessed in worker
processes meanwhile. Rows keep the order of the prompts, so a run that was killed goes on at its first missing item.
"""

import contextlib
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from tqdm import tqdm

from linmech.activations.batching import passes, windows
from linmech.activations.preparation import prepared
from linmech.activations.prompts import Prompt, index_of
from linmech.activations.store import Sink
from linmech.activations.transfers import Copy, one_ahead
from linmech.engine.hooks import edit
from linmech.engine.prefix import Prefill
from linmech.engine.prefix_check import prefix_holds
from linmech.errors import LinmechError
from linmech.models.encoding import Encoded, positions, prepare
from linmech.models.memory import give_back, used_up
from linmech.models.vlm import VLM
from linmech.stimuli.visuals import Visual


def extract(
    vlm: VLM,
    prompts: Sequence[Prompt],
    store: Sink,
    visuals: Callable[[str], Visual],
    *,
    batch: int = 16,
    workers: int = 0,
) -> None:
    """Fill `store` (made with `index_of(prompts)`) with the prompts' residuals, from its first missing row on.

    `visuals` gives the visual of an id; `workers` processes make and preprocess ahead (0 = this one does). The numbers
    do not depend on `batch` or `workers` beyond rounding; prompts that do not fit the device's memory run in halves.
    Raises what `visuals` raises, and LinmechError for a selector that is not one position.
    """
    rows = np.array([len(prompt.roles) for prompt in prompts])
    start = int(np.searchsorted(np.cumsum(rows), store.rows_done, side="right"))
    left, rows = prompts[start:], rows[start:]
    texts = [prompt.question.text for prompt in left]
    lengths = np.array([len(ids) for ids in vlm.tokenizer(texts).input_ids] if texts else [], int)
    names = [prompt.visual for prompt in left]
    plan = [passes(stretch, names, lengths, batch) for stretch in windows(rows, store.chunk)]
    flat = [numbers for stretch in plan for numbers in stretch]
    asked = [([names[n] for n in numbers], [left[n].question for n in numbers]) for numbers in flat]
    bar = tqdm(total=len(prompts), initial=start, desc=f"{vlm.name} {store.folder.parent.name}", unit="item")
    with bar, torch.inference_mode():
        ready = zip(flat, prepared(vlm.processor, vlm.name, asked, visuals, workers), strict=True)
        fitting = _Fitting(vlm, visuals, store.layers, batch)
        found = one_ahead(fitting.run([left[n] for n in numbers], inputs) for numbers, inputs in ready)
        for stretch in plan:
            parts = {}
            for numbers in stretch:
                parts |= dict(zip(numbers, np.split(next(found), np.cumsum(rows[numbers])[:-1], axis=1), strict=True))
                bar.update(len(numbers))
            order = index_of([left[n] for n in sorted(parts)])
            ordered = np.concatenate([parts[n] for n in sorted(parts)], axis=1)
            store.append(order["item"].tolist(), order["role"].tolist(), ordered)
    store.finish()


@dataclass
class _Fitting:
    """Forward passes of at most `most` prompts, which is halved where the device's memory does not hold them."""

    vlm: VLM
    visuals: Callable[[str], Visual]
    layers: Sequence[int]
    most: int

    def run(self, prompts: Sequence[Prompt], encoded: Encoded) -> Copy:
        """`residuals`, in parts where they do not fit. LinmechError where not even one prompt does."""
        told = ""
        if len(prompts) <= self.most:
            try:
                return residuals(self.vlm, prompts, encoded, self.layers)
            except RuntimeError as error:
                if not used_up(error):
                    raise
                told = str(error)
        if told and len(prompts) == 1:
            raise LinmechError(
                f"item {prompts[0].item}: one prompt of {self.vlm.name} does not fit its memory ({told[:200]}); "
                "use a larger device, a smaller dtype or smaller images: what was committed is kept"
            )
        if told:
            give_back()
            self.most = len(prompts) // 2
            print(f"{self.vlm.name}: {len(prompts)} prompts at once do not fit its memory; {self.most} run together")
        half = len(prompts) // 2
        parts = [self.run(part, self._again(part)).numpy() for part in (prompts[:half], prompts[half:])]
        return Copy(torch.from_numpy(np.concatenate(parts, axis=1)), None)

    def _again(self, prompts: Sequence[Prompt]) -> Encoded:
        once = {prompt.visual: self.visuals(prompt.visual) for prompt in prompts}
        shown = [once[prompt.visual] for prompt in prompts]
        return prepare(self.vlm.processor, shown, [prompt.question for prompt in prompts], self.vlm.name)


def residuals(vlm: VLM, prompts: Sequence[Prompt], encoded: Encoded, layers: Sequence[int]) -> Copy:
    """One forward pass of `prompts`, encoded: resid_post of `layers` at the positions of each prompt's roles.

    The copy is (layer row hidden), float32. If all prompts ask about one image, that image runs once and the questions
    go on from it. A block that the model passes over (Mllama's cross-attention without an image) leaves the residual as
    it was.
    """
    places = [(n, _position(encoded, n, asked, role, vlm)) for n, asked in enumerate(prompts) for role in asked.roles]
    encoded = encoded.to(vlm.device, vlm.dtype)
    shared = _shared_prefix(vlm, encoded, prompts, places)
    prefill = Prefill.of(vlm, _row(encoded, int(np.argmax(encoded.lengths)))) if shared else None
    rows, tokens = (torch.tensor(axis, device=vlm.device) for axis in zip(*places, strict=True))
    kept: dict[int, torch.Tensor] = {}

    def keep(layer: int, residual: torch.Tensor) -> torch.Tensor:
        kept[layer] = residual[rows.to(residual.device), (tokens - shared).to(residual.device)].float()
        return residual

    with contextlib.ExitStack() as hooks:
        for layer in range(max(layers) + 1):
            hooks.enter_context(edit(vlm, layer, functools.partial(keep, layer)))
        if prefill:
            prefill.rows(encoded.inputs["input_ids"], shared)
        else:
            vlm.model.base_model(**encoded.inputs, use_cache=False)
    passed = [max(done for done in kept if done <= layer) for layer in layers]
    return Copy.of(torch.stack([kept[layer].to(vlm.device) for layer in passed]))


def _shared_prefix(vlm: VLM, encoded: Encoded, prompts: Sequence[Prompt], places: Sequence[tuple[int, int]]) -> int:
    """How many tokens all prompts have in common and need run only once: up to the end of their one visual, else 0."""
    if len(prompts) == 1 or not prompts[0].visual or len({prompt.visual for prompt in prompts}) > 1:
        return 0
    marks, ids = vlm.visual_ids, encoded.inputs["input_ids"]
    end = 1 + max((place for place, piece in enumerate(ids[0].tolist()) if piece in marks), default=-1)
    same = bool((ids[:, :end] == ids[:1, :end]).all()) and min(place for _, place in places) >= end
    return end if same and prefix_holds(vlm, encoded.kind) else 0


def _row(encoded: Encoded, row: int) -> dict[str, torch.Tensor]:
    """One prompt of a batch about one image, alone."""
    many = len(encoded.prompts)
    return {
        key: value[row * len(value) // many : (row + 1) * len(value) // many] for key, value in encoded.inputs.items()
    }


def _position(encoded: object, n: int, prompt: Prompt, role: str, vlm: VLM) -> int:
    found = positions(encoded, n, prompt.roles[role], vlm)
    if len(found) != 1:
        raise LinmechError(f"item {prompt.item}: selector {prompt.roles[role]!r} names {len(found)} positions, not one")
    return found[0]
