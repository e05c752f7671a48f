"""One reading of one model as layer files: what is asked, where it comes from, and the rows that are kept.

What a reading leaves lies in `results/activations/{reading}/{model}/layer_{layer}.h5`.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from linmech.activations.extraction import extract
from linmech.activations.layer_files import Origin
from linmech.activations.prompts import Prompt, index_of, prompts_of
from linmech.activations.store import Store
from linmech.files import sha256
from linmech.models.declared import Declared
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
        prompts = prompts_of(dataset.items(), roles, **asked)
        origin = Origin(
            model=model.name, fingerprint=model.fingerprint, manifest_sha256=sha256(tables[0]),
            selector=",".join(roles), dtype=dtype, questions_sha256=texts_hash(prompts),
            recipe=recipe(vlm, code, *files),
        )  # fmt: skip
        return cls(prompts, origin)


def texts_hash(prompts: Sequence[Prompt]) -> str:
    """Hash of what is asked and which words are read: rows of two wordings never meet in one file."""
    told = [(prompt.item, prompt.question.text, sorted(prompt.roles.items())) for prompt in prompts]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def cache_rows(
    model: Declared, dataset: Dataset, output: str | Path, *, roles: Sequence[str], dtype: str = "float32",
    chunk: int = 256, batch: int = 16, workers: int = 0, wording: int = 0, asks: Sequence[str] = (),
) -> None:  # fmt: skip
    """Leave the residuals at the words of `roles`, in the order of the questions, at every layer of a model. The
    questions are those of the kinds in `asks` (() = all), in this `wording`.

    `dtype` and `chunk` (rows) are the files'; after a kill, the next run goes on. Raises what `Declared.load` raises,
    and LinmechError for a question that names none of the roles.
    """
    vlm = model.load()
    plan = Plan.of(model, vlm, dataset, roles, dtype, __name__, wording=wording, asks=asks)
    index = index_of(plan.prompts)
    store = Store(output, range(vlm.n_layers + 1), index, plan.origin, hidden=vlm.hidden, chunk=chunk)
    extract(vlm, plan.prompts, store, dataset.visual, batch=batch, workers=workers)
