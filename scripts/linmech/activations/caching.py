"""One reading of one model as layer files: what is asked, where it comes from, and the rows that are kept.

What a reading leaves lies in `results/activations/{reading}/{model}/layer_{layer}.h5`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from linmech.activations.batching import share
from linmech.activations.extraction import extract
from linmech.activations.layer_files import Origin
from linmech.activations.prompts import Prompt, index_of, prompts_of, texts_hash
from linmech.activations.store import Store
from linmech.files import sha256
from linmech.models.declared import Declared
from linmech.models.framing import cut_off
from linmech.models.recipe import recipe
from linmech.models.vlm import VLM
from linmech.stimuli.datasets import Dataset


@dataclass(frozen=True)
class Plan:
    """What a reading asks of a model, and the origin that its files name."""

    prompts: list[Prompt]
    origin: Origin

    @classmethod
    def of(
        cls, model: Declared, vlm: VLM, dataset: Dataset, roles: Sequence[str], dtype: str, code: str, **asked: object
    ) -> "Plan":
        """The plan of reading `roles` in the questions of a data set (`asked` goes to `prompts_of`), files of `dtype`,
        by the module `code`. It differs where a table, the sprites, a question's text, the weights or the code do.
        """
        tables = [dataset.folder / f"{table}.parquet" for table in ("manifest", "questions")]
        files = [*tables, *([dataset.sprites] if dataset.sprites else [])]
        items = dataset.items()
        prompts = prompts_of(items, roles, **asked)
        if line := cut_off(vlm, items, f"reading {dataset.name}"):
            print(f"warning: {line}", flush=True)
        origin = Origin(
            model=model.name, fingerprint=model.fingerprint, manifest_sha256=sha256(tables[0]),
            selector=",".join(roles), dtype=dtype, questions_sha256=texts_hash(prompts),
            recipe=recipe(vlm, code, *files),
        )  # fmt: skip
        return cls(prompts, origin)

    def share(self, chunk: int, shard: int, shards: int) -> slice:
        """The numbers of the prompts of one of several shards (`batching.share`)."""
        return share(np.array([len(prompt.roles) for prompt in self.prompts], int), chunk, shard, shards)


def cache_rows(
    model: Declared, dataset: Dataset, output: str | Path, *, roles: Sequence[str], dtype: str = "float32",
    chunk: int = 256, batch: int = 16, workers: int = 0, wording: int = 0, asks: Sequence[str] = (),
    shard: int = 0, shards: int = 1,
) -> None:  # fmt: skip
    """Leave the residuals at the words of `roles`, in the order of the questions, at every layer of a model. The
    questions are those of the kinds in `asks` (() = all), in this `wording`.

    `dtype` and `chunk` (rows) are the files'; after a kill, the next run goes on. Of several `shards` only the rows of
    one, counted from 0, are left (`batching.share`). Raises what `Declared.load` raises, and LinmechError for a
    question that names none of the roles, and for more shards than commits.
    """
    vlm = model.load()
    plan = Plan.of(model, vlm, dataset, roles, dtype, __name__, wording=wording, asks=asks)
    prompts = plan.prompts[plan.share(chunk, shard, shards)]
    store = Store(output, range(vlm.n_layers + 1), index_of(prompts), plan.origin, hidden=vlm.hidden, chunk=chunk)
    extract(vlm, prompts, store, dataset.visual, batch=batch, workers=workers)
