"""Read what the nouns of one model are bound to, mask its pictures, inject true IDs, and write the table."""

from collections.abc import Sequence
from pathlib import Path

from linmech.experiments.diagnosing import Settings, diagnose
from linmech.experiments.tables import write_table
from linmech.ids.files import load_ids_of
from linmech.job import run_job
from linmech.models.declared import Declared
from linmech.stimuli.datasets import Dataset


def main(
    model: Declared, ids: str | Path, layers: Sequence[int], datasets: Sequence[Dataset], output: str | Path,
    settings: Settings,
) -> None:  # fmt: skip
    """Write `output` (`diagnosing.diagnose`). `ids` is a file of derive_ids, `layers` those that are looked at.

    Raises what `Declared.load` and `load_ids_of` raise.
    """
    found, vlm = load_ids_of(ids, layers, model.fingerprint), model.load()
    write_table(
        output, model, vlm, datasets, settings,
        lambda dataset, progress: diagnose(vlm, dataset, found, settings, progress),
        code=diagnose.__module__, files=[ids],
    )  # fmt: skip


if __name__ == "__main__":
    params = snakemake.params
    run_job(
        lambda: main(
            Declared.read(snakemake.input.model, params.device),
            snakemake.input.ids,
            params.layers,
            [Dataset.of(path, snakemake.input.get("sprites", "")) for path in snakemake.input.questions],
            snakemake.output[0],
            Settings(**params.settings),
        ),
        log=snakemake.log[0],
    )
