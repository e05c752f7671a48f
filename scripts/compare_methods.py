"""Read one model by five methods of interpretability, item by item, and write the table."""

from collections.abc import Sequence
from pathlib import Path

from linmech.experiments.methods.comparing import Settings, comparing_with
from linmech.experiments.methods.probing import fit_probes
from linmech.experiments.tables import moved_by, write_moved
from linmech.ids.files import load_ids
from linmech.job import run_job
from linmech.models.declared import Declared
from linmech.stimuli.datasets import Dataset


def main(
    activations: Sequence[str | Path], grid: str | Path, settings: Settings, *, model: Declared, ids: str | Path,
    layers: Sequence[int], **how: object,
) -> None:  # fmt: skip
    """Write the table of `compare`; the probes are fitted to the layer files of a reading of `grid`, as the IDs are."""
    items = {item.id: item for item in Dataset(Path(grid)).items()}
    layers = sorted(set(layers) & set(load_ids(ids)))
    probes = fit_probes(activations, items, layers, model.fingerprint, settings.coordinate, settings.seed)
    for layer, probe in probes.items():
        print(f"{model.name} layer {layer}: the probe's R2 on held-out nouns is {probe.r2:.2f}")
    write_moved(model=model, ids=ids, layers=layers, settings=settings, experiment=comparing_with(probes), **how)


if __name__ == "__main__":
    run_job(
        lambda: main(
            list(snakemake.input.activations),
            Path(snakemake.input.grid).parent,
            Settings(**snakemake.params.settings),
            **moved_by(snakemake),
        ),
        log=snakemake.log[0],
        asked=snakemake,
    )
