"""The table of an experiment as a file: one model, some data sets, every item once, whatever kills the job."""

import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from linmech.experiments.answering import answered
from linmech.experiments.progress import Progress
from linmech.ids.files import Ids, load_ids_of
from linmech.locks import hold, release
from linmech.models.declared import Declared
from linmech.models.recipe import recipe
from linmech.models.vlm import VLM
from linmech.parquet import write_parquet
from linmech.seeds import digest
from linmech.stimuli.datasets import Dataset


def write_moved(
    output: str | Path, model: Declared, ids: str | Path, layers: Sequence[int], datasets: Sequence[Dataset],
    settings: object, experiment: Callable[[VLM, Dataset, dict[int, Ids], Any, Progress], pd.DataFrame],
) -> pd.DataFrame:  # fmt: skip
    """`write_table` of an experiment that uses IDs: `ids` is a file of derive_ids, `layers` those to act at.

    Raises what `Declared.load` and `load_ids_of` raise.
    """
    found, vlm = load_ids_of(ids, layers, model.fingerprint), model.load()

    def table(dataset: Dataset, progress: Progress) -> pd.DataFrame:
        return experiment(vlm, dataset, found, settings, progress)

    return write_table(output, model, vlm, datasets, settings, table, code=experiment.__module__, files=[ids])


def moved_by(snakemake: Any) -> dict[str, Any]:
    """What the rules of such experiments hand to `write_moved`, but for their settings."""
    return {
        "output": snakemake.output[0],
        "model": Declared.read(snakemake.input.model, snakemake.params.device),
        "ids": snakemake.input.ids,
        "layers": snakemake.params.layers,
        "datasets": [Dataset.of(path, snakemake.input.get("sprites", "")) for path in snakemake.input.questions],
    }


def write_table(
    output: str | Path, model: Declared, vlm: VLM, datasets: Iterable[Dataset], settings: object,
    table: Callable[[Dataset, Progress], pd.DataFrame], *, code: str, files: Iterable[str | Path] = (),
) -> pd.DataFrame:  # fmt: skip
    """Write `table(dataset, progress)` of all data sets, one after the other, as the parquet file `output`; return it.

    Killed at any moment, the next run goes on where it stopped, from the folder `.{name}.progress` beside `output`,
    unless anything has changed that the numbers depend on: weights, tables, sprites, `files`, `settings` (a dataclass)
    or the rooms behind the module `code`. Raises LinmechError where another process is writing it.
    """
    assert is_dataclass(settings)
    hold(output)
    parts, folder = [], Path(output).parent / f".{Path(output).stem}.progress"
    for dataset in datasets:
        own = [dataset.folder / f"{name}.parquet" for name in ("manifest", "questions")]
        own += [dataset.sprites] if dataset.sprites else []
        key = digest(recipe(vlm, code, *own, *files), model.fingerprint, model.fault or "", asdict(settings)).hex()
        parts.append(table(dataset, Progress(folder / dataset.name, key)))
    whole = pd.concat(parts, ignore_index=True)
    write_parquet(whole, output)
    print(*answered(whole, model.name), sep="\n", flush=True)
    shutil.rmtree(folder)
    release(output)
    return whole
