"""Models that a training leaves on its way, each a whole folder that loads like any other model."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from torch import nn

from linmech.errors import LinmechError
from linmech.files import atomic
from linmech.organisms.shipping import save


def checkpoint_steps(asked: int | Sequence[float], phases: Mapping[str, int]) -> list[int]:
    """After which steps, counted over all `phases` (name → steps), a model is left; in their order.

    `asked`: shares of all steps; or how many, on a log scale from 1 to 100 % of the steps that follow the first phase.
    Raises LinmechError where two fall on one step.
    """
    total, first = sum(phases.values()), next(iter(phases.values()))
    if isinstance(asked, int):
        steps = [first + max(1, round(share * (total - first))) for share in np.geomspace(1, 0.01, asked)[::-1]]
    else:
        steps = [max(1, round(share * total)) for share in sorted(asked)]
    if len(set(steps)) < len(steps) or max(steps, default=0) > total:
        raise LinmechError(f"config key checkpoints is {asked}: two fall on one of the {total} steps; ask for fewer")
    return steps


@dataclass(frozen=True)
class Checkpoints:
    """Leaves `{folder}/00`, `01`, ... in float16 after the given steps; checkpoint.json there says which step it is."""

    folder: Path
    steps: Sequence[int]
    phases: Mapping[str, int]
    model: nn.Module
    processor: object

    def after(self, phase: str, trained: int) -> None:
        """Leave the model if `trained`, the steps so far, is one that is asked for, and it is not there yet."""
        if trained not in self.steps:
            return
        folder = self.folder / f"{self.steps.index(trained):02}"
        if folder.is_dir():
            return
        with atomic(folder) as partial:
            save(self.model, self.processor, partial, "float16")
            said = {"phase": phase, "step": trained, "phases": dict(self.phases)}
            (partial / "checkpoint.json").write_text(json.dumps(said, indent=1) + "\n")
