"""Move nouns of one model by so many cells along the axes of its IDs, and write the table of beliefs."""

from collections.abc import Sequence
from pathlib import Path

from linmech.experiments.displacing import Settings, displace
from linmech.experiments.tables import write_table
from linmech.ids.files import load_ids_of
from linmech.job import run_job
from linmech.models.declared import Declared
from linmech.stimuli.datasets import Dataset


def main(
    model: Declared, ids: str | Path, layers: Sequence[int], datasets: Sequence[Dataset], output: str | Path,
    settings: Settings,
) -> None:  # fmt: skip
    """Write `output`, a row per item, layer, displacement and arm (`displacing.displace`).

    `ids` is a file of derive_ids, `layers` those to act at. Raises what `Declared.load` and `load_ids_of` raise.
    """
    found, vlm = load_ids_of(ids, layers, model.fingerprint), model.load()
    write_table(
        output, model, vlm, datasets, settings,
        lambda dataset, progress: displace(vlm, dataset, found, settings, progress),
        code=displace.__module__, files=[ids],
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
