"""Probe one photograph with one model: its answer, where it believes two things are, and what would turn the answer."""

from collections.abc import Mapping
from pathlib import Path

from linmech.console.telling import probe_photo
from linmech.files import atomic
from linmech.job import run_job


def main(photo: str | Path, model: str | Path, text: str | Path, device: str, asked: Mapping) -> None:
    """Write the paragraph `text`, and beside it what `probe_photo` writes; `asked`: nouns, and kind and boxes if given.

    `model` is the file in results/models of a run, whose IDs are there too.
    """
    out, results = Path(text).with_suffix(""), Path(model).parents[1]
    told = probe_photo(
        Path(photo), asked["nouns"], Path(model).stem, results, out, asked.get("kind", "left-right"),
        {noun: tuple(box) for noun, box in asked.get("boxes", {}).items()}, device=device,
    )  # fmt: skip
    with atomic(text) as partial:
        partial.write_text(told + "\n")


if __name__ == "__main__":
    run_job(
        lambda: main(
            snakemake.input.photo,
            snakemake.input.model,
            snakemake.output.text,
            snakemake.params.device,
            snakemake.params.asked,
        ),
        log=snakemake.log[0],
    )
