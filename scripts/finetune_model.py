"""Finetune one model in one arm, and write its accuracies and losses, and the weights that were trained."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import pandas as pd
import torch
from safetensors.torch import save_file

from linmech.finetuning.training import COLUMNS, Settings, finetune
from linmech.ids.files import load_ids_of
from linmech.job import run_job
from linmech.models.declared import Declared
from linmech.models.recipe import recipe
from linmech.stimuli.datasets import Dataset
from linmech.trainer.commits import Commits


def main(
    model: Declared, source: str, ids: str | Path, grid: Dataset, tests: Sequence[Dataset], table: str | Path,
    weights: str | Path, settings: Settings, every: float = 60,
) -> None:  # fmt: skip
    """Write `table` (parquet: rows of `training.COLUMNS` with experiment, model, arm, run, batches) and `weights`
    (safetensors, names as in the model), from `source` ("" = the model itself) and the IDs of `model`.

    One thread, so that the same run gives the same bytes on a CPU. It commits `every` so many seconds to
    `.{run}.training` beside the table; a killed one goes on from there. Raises what `finetune` and `Declared.load` do.
    """
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    table = Path(table)
    (found,) = load_ids_of(ids, [settings.layer], model.fingerprint).values()
    start = replace(model, source=source, revision=None).identified() if source else model
    vlm = start.load()
    files = [each.folder / f"{name}.parquet" for each in (grid, *tests) for name in ("manifest", "questions")]
    files += [ids, *([grid.sprites] if grid.sprites else [])]
    known = {"start": start.fingerprint, "recipe": recipe(vlm, finetune.__module__, *files)}
    commits = Commits(table.with_name(f".{table.stem}.training"), asdict(settings) | known, every)
    done = finetune(vlm, found, grid, tests, settings, commits)
    rows = pd.DataFrame(done.rows, columns=list(COLUMNS)).assign(
        experiment=settings.experiment, model=model.name, arm=settings.arm, run=settings.run, batches=done.batches
    )
    writing = {Path(weights): partial(save_file, done.weights), table: partial(rows.to_parquet, index=False)}
    for path, write in writing.items():  # in the commits' folder, so that a kill leaves nothing beside the outputs
        write(commits.folder / path.name)
        (commits.folder / path.name).replace(path)
    commits.discard()


if __name__ == "__main__":
    inputs, params = snakemake.input, snakemake.params
    grid, *tests = (Dataset.of(path, inputs.get("sprites", "")) for path in inputs.questions)
    run_job(
        lambda: main(
            Declared.read(inputs.model, params.device), params.source, inputs.ids, grid, tests, snakemake.output.table,
            snakemake.output.weights, Settings(**params.settings),
        ),
        log=snakemake.log[0], asked=snakemake,
    )  # fmt: skip
