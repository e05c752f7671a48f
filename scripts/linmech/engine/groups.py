"""Interventions of many runs in groups that one tensor operation can apply."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from linmech.engine.interventions import PrefixSwap, Run


@dataclass(frozen=True)
class Group:
    """Edits of one layer that have their positions and their arithmetic in common, one of each of `runs`.

    `mode` "prefix" stands for PrefixSwap, which has no vectors.
    """

    runs: list[int]
    mode: str
    relative: bool = False
    places: Int[Tensor, " position"] | None = None
    vectors: Float[Tensor, "run position hidden"] | None = None
    strengths: Float[Tensor, "run 1 1"] | None = None


def grouped(runs: Sequence[Run], start: int, device: torch.device) -> dict[int, list[Group]]:
    """The edits of all runs by layer, in groups that one tensor operation can apply, each run's in their order."""
    found: dict[int, dict[tuple, list]] = defaultdict(lambda: defaultdict(list))
    for number, run in enumerate(runs):
        earlier: dict[int, int] = defaultdict(int)
        for step in run:
            how = ("prefix", False) if isinstance(step, PrefixSwap) else (step.mode, step.relative)
            alike = (earlier[step.layer], step.positions, *how)
            found[step.layer][alike].append((number, step))
            earlier[step.layer] += 1
    return {layer: [_group(*item, start, device) for item in sorted(found[layer].items())] for layer in sorted(found)}


def _group(alike: tuple, members: list, start: int, device: torch.device) -> Group:
    _, positions, mode, relative = alike
    runs = [number for number, _ in members]
    if mode == "prefix":
        return Group(runs, mode)
    vectors = [step.vector if step.vector.ndim == 2 else step.vector[None] for _, step in members]
    return Group(
        runs, mode, relative, torch.tensor(positions, device=device) - start,
        torch.stack([v.expand(len(positions), -1) for v in vectors]).to(device).float(),
        torch.tensor([float(step.strength) for _, step in members], device=device)[:, None, None],
    )  # fmt: skip
