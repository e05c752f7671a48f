"""Run a model over many questions and keep the residual stream where chosen words stand (paper section 3.1).

One forward pass per batch; only the selected positions leave the device; images are composed in worker processes while
the model computes. Rows keep the order of the prompts, so a run that was killed goes on at its first missing item.
"""

import contextlib
import dataclasses
import functools
import hashlib
import itertools
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
import transformers
from jaxtyping import Float
from PIL.Image import Image
from tqdm import tqdm

from linmech.activation_store import Store
from linmech.encoding import Encoded, encode, positions
from linmech.errors import LinmechError
from linmech.fan_out import Fan
from linmech.files import sha256
from linmech.hooks import edit
from linmech.interventions import fan_out_agrees
from linmech.models import VLM, load_model
from linmech.pictures import batches
from linmech.prompts import Question


@dataclasses.dataclass(frozen=True)
class Prompt:
    """A question to ask and the words to read: `roles` maps a row's role to its selector (one position each).

    `image` is the id that the image source is asked for; "" asks the question without an image.
    """

    item: str
    question: Question
    roles: dict[str, str] = dataclasses.field(hash=False)
    image: str = ""

    def __post_init__(self):
        if not self.roles:
            raise LinmechError(f"item {self.item}: none of the roles to read is named in {self.question.text!r}")


def load_declared(source: str, name: str, layers: int, **options: object) -> VLM:
    """`load_model(source, name=name, **options)`; LinmechError if the checkpoint has not `layers` blocks."""
    vlm = load_model(source, name=name, **options)
    if vlm.n_layers != layers:
        raise LinmechError(
            f"config key models.{name}.layers is {layers}, but {source} has {vlm.n_layers}: correct the key"
        )
    return vlm


def index_of(prompts: Sequence[Prompt]) -> pd.DataFrame:
    """The rows (item, role) that the prompts will give, in order."""
    rows = [(prompt.item, role) for prompt in prompts for role in prompt.roles]
    return pd.DataFrame(rows, columns=["item", "role"])


def extract(
    vlm: VLM,
    prompts: Sequence[Prompt],
    store: Store,
    images: Callable[[str], Image] | None = None,
    *,
    batch: int = 16,
    workers: int = 0,
) -> None:
    """Fill `store` (made with `index_of(prompts)`) with the prompts' residuals, from its first missing row on.

    `images` gives the image of an id; it is pickled to `workers` composing processes (0 = called in this one). The
    numbers do not depend on `batch` or `workers` beyond rounding. Raises what `images` raises, and LinmechError for a
    selector that is not one position.
    """
    ends = np.cumsum([len(prompt.roles) for prompt in prompts])
    start = int(np.searchsorted(ends, store.rows_done, side="right"))
    left = list(prompts[start:])
    bar = tqdm(total=len(prompts), initial=start, desc=f"{vlm.name} {store.folder.parent.name}", unit="item")
    with bar, torch.inference_mode():
        for pictures in batches([prompt.image for prompt in left], images, batch, workers):
            asked, left = left[: len(pictures)], left[len(pictures) :]
            found = [residuals(vlm, asked[part], pictures[part], store.layers) for part in _parts(asked)]
            rows = index_of(asked)
            store.append(rows["item"].tolist(), rows["role"].tolist(), np.concatenate(found, axis=1))
            bar.update(len(asked))
    store.finish()


def residuals(
    vlm: VLM, prompts: Sequence[Prompt], images: Sequence[Image | None], layers: Sequence[int]
) -> Float[np.ndarray, "layer row hidden"]:
    """One forward pass: resid_post of `layers` at the positions of each prompt's roles, as float32.

    If all prompts ask about one image, that image runs once and the questions go on from it. A block that the model
    passes over (Mllama's cross-attention without an image) leaves the residual as it was.
    """
    encoded = encode(vlm, images, [prompt.question for prompt in prompts])
    places = [(n, _position(encoded, n, asked, role, vlm)) for n, asked in enumerate(prompts) for role in asked.roles]
    shared = _shared_prefix(vlm, encoded, prompts, places)
    fan = Fan.of(vlm, _row(encoded, int(np.argmax(encoded.lengths)))) if shared else None
    rows, tokens = (torch.tensor(axis, device=vlm.device) for axis in zip(*places, strict=True))
    kept: dict[int, torch.Tensor] = {}

    def keep(layer: int, residual: torch.Tensor) -> torch.Tensor:
        kept[layer] = residual[rows.to(residual.device), (tokens - shared).to(residual.device)].float()
        return residual

    with contextlib.ExitStack() as hooks:
        for layer in range(max(layers) + 1):
            hooks.enter_context(edit(vlm, layer, functools.partial(keep, layer)))
        if fan:
            fan.rows(encoded.inputs["input_ids"], shared)
        else:
            vlm.model.base_model(**encoded.inputs, use_cache=False)
    passed = [max(done for done in kept if done <= layer) for layer in layers]
    return torch.stack([kept[layer].cpu() for layer in passed]).numpy()


def _parts(prompts: Sequence[Prompt]) -> list[slice]:
    """A batch in parts that run together: neighbours about one image, and what stands between such groups."""
    parts: list[slice] = []
    joins = False
    for _, group in itertools.groupby(range(len(prompts)), key=lambda n: prompts[n].image):
        numbers = list(group)
        alone = len(numbers) == 1
        if alone and joins:
            parts[-1] = slice(parts[-1].start, numbers[-1] + 1)
        else:
            parts.append(slice(numbers[0], numbers[-1] + 1))
        joins = alone
    return parts


def _shared_prefix(vlm: VLM, encoded: Encoded, prompts: Sequence[Prompt], places: Sequence[tuple[int, int]]) -> int:
    """How many tokens all prompts have in common and need run only once: up to the end of their one image, else 0."""
    if len(prompts) == 1 or not prompts[0].image or len({prompt.image for prompt in prompts}) > 1:
        return 0
    marks, ids = vlm.visual_ids, encoded.inputs["input_ids"]
    end = 1 + max((place for place, piece in enumerate(ids[0].tolist()) if piece in marks), default=-1)
    same = bool((ids[:, :end] == ids[:1, :end]).all()) and min(place for _, place in places) >= end
    return end if same and fan_out_agrees(vlm) else 0


def _row(encoded: Encoded, row: int) -> dict[str, torch.Tensor]:
    """One prompt of a batch about one image, alone."""
    many = len(encoded.prompts)
    return {
        key: value[row * len(value) // many : (row + 1) * len(value) // many] for key, value in encoded.inputs.items()
    }


def recipe(vlm: VLM, *files: str | Path) -> str:
    """Hash of what changes a number beside model weights and rows: `files`, code, versions, dtype, device.

    The code is that of the linmech rooms which the running process has imported.
    """
    rooms = {name: room.__file__ for name, room in sys.modules.items() if name.startswith("linmech.")}
    parts = [torch.__version__, transformers.__version__, str(vlm.model.dtype), torch.device(vlm.device).type]
    parts += [sha256(path) for path in files]
    parts += [name + sha256(rooms[name]) for name in sorted(rooms)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _position(encoded: object, n: int, prompt: Prompt, role: str, vlm: VLM) -> int:
    found = positions(encoded, n, prompt.roles[role], vlm)
    if len(found) != 1:
        raise LinmechError(f"item {prompt.item}: selector {prompt.roles[role]!r} names {len(found)} positions, not one")
    return found[0]
