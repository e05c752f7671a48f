"""Whether questions about one visual may share its run, on a model that nobody has tried it on."""

from weakref import WeakKeyDictionary

import torch
from torch.nn import Module

from linmech.engine.hooks import record
from linmech.engine.prefix import Prefill
from linmech.engine.rounding import ROUNDING, random_prompts
from linmech.errors import LinmechError
from linmech.models.vlm import VLM

_holds: WeakKeyDictionary[Module, dict[str, bool]] = WeakKeyDictionary()


def prefix_holds(vlm: VLM, kind: str = "image") -> bool:
    """Whether questions that go on from the run of their visual have the residuals of plain forward passes; looked at
    once per model and kind of visual ("image" or "video"). If not, one line says so.
    """
    known = _holds.setdefault(vlm.model, {})
    if kind not in known:
        problem = residual_gap(vlm, kind)
        known[kind] = not problem
        if problem:
            print(f"model {vlm.name}, {kind}s: {problem}; every question runs its {kind} anew, exact but slow")
    return known[kind]


@torch.no_grad()
def residual_gap(vlm: VLM, kind: str = "image") -> str:
    """What is wrong with residuals over a shared prefix, in words; empty if nothing is. Two questions about a random
    visual, at the first, the middle and the last layer, all tokens of the questions.
    """
    one, two = random_prompts(vlm, kind, torch.Generator().manual_seed(0))
    layers = sorted({1, max(1, vlm.n_layers // 2), vlm.n_layers})
    marks, length = vlm.visual_ids, min(*one.lengths, *two.lengths)
    ids = torch.cat([one.inputs["input_ids"][:, :length], two.inputs["input_ids"][:, :length]])
    start = 1 + max(place for place, piece in enumerate(ids[0].tolist()) if piece in marks)
    worst = 0.0
    try:
        longest = max(one, two, key=lambda prompt: prompt.lengths[0])
        with record(vlm, layers) as shared:
            Prefill.of(vlm, longest.inputs).rows(_padded(ids, longest.lengths[0]), start)
        shared = dict(shared)
        for row, prompt in enumerate((one, two)):
            with record(vlm, layers) as plain:
                vlm.model.base_model(**prompt.inputs, use_cache=False)
            for layer in layers:
                true = plain[layer][0, start:length].float()
                apart = (shared[layer][row, : length - start].float() - true).norm(dim=-1) / true.norm(dim=-1)
                worst = max(worst, float(apart.max()))
    except (LinmechError, RuntimeError, TypeError, ValueError, LookupError, AttributeError) as error:
        return f"a shared prefix does not run on it ({type(error).__name__}: {error})".replace("\n", " ")
    limit = ROUNDING[vlm.dtype][0]
    return "" if worst <= limit else f"residuals over a shared prefix are {worst:.2g} of their norm off"


def _padded(ids: torch.Tensor, length: int) -> torch.Tensor:
    """Rows of tokens made as long as a prompt by repeating their last one; what comes later changes nothing before."""
    return torch.cat([ids, ids[:, -1:].expand(-1, length - ids.shape[1])], 1)
