"""Train a model organism from scratch and write its folder: weights, processor, card, accuracies, checkpoints."""

import json
import platform
import shutil
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import torch

from linmech.files import atomic
from linmech.job import run_job
from linmech.models.vlm import check_device
from linmech.organisms.card import write_card
from linmech.organisms.decoder_training import evaluate
from linmech.organisms.lessons.curriculum import unplaced
from linmech.organisms.recipe import Recipe
from linmech.organisms.shipping import round_weights, save
from linmech.organisms.training import Plan, Trained, train
from linmech.trainer.commits import Commits
from linmech.trainer.loop import CURVE


def main(plan: Plan, folder: str | Path, dtype: str = "float32", every: float = 60) -> None:
    """Train the organism of `plan` and write `folder`; on one thread of a CPU the same plan gives the same weights.

    It holds model.safetensors (`dtype`: float32 or float16), config, tokenizer, processor, README.md (the card),
    accuracies.json (held-out accuracy of these weights by question kind and test set), curve.csv
    (accuracy while it learned, steps counted over all phases) and checkpoints/00, 01, ... (float16), if there are any.
    The training commits where it stands `every` so many seconds to `.{name}.training` beside `folder`: a killed one
    goes on from there, unless anything has changed that its numbers depend on. Raises what `train` raises, and
    LinmechError where this machine lacks the device.
    """
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    folder = Path(folder)
    check_device(plan.device, f"organism {folder.name}")
    standing = folder.with_name(f".{folder.name}.training")
    plan = plan.begun(standing)
    commits = Commits(standing, plan.identity(), every)
    trained = train(plan, commits)
    round_weights(trained.model, dtype)
    accuracies = {name: evaluate(trained.model, course) for name, course in trained.tests.items()}
    settings = {"images": plan.images, "seed": plan.seed, "recipe": asdict(plan.recipe), "dtype": dtype}
    settings |= {"unplaced": unplaced(trained.nouns, plan.unplaced, plan.seed), "rho": plan.rho}
    settings |= {"frames": plan.frames, "side": plan.side}
    machine = f"one core ({platform.machine()})" if plan.device == "cpu" else torch.cuda.get_device_name(plan.device)
    settings |= {"minutes": round(commits.seconds() / 60), "machine": machine}
    with atomic(commits.folder / "whole") as whole:
        _write(whole, trained, settings, accuracies, commits.folder / "checkpoints")
        for part in sorted(whole.iterdir()):
            with atomic(folder / part.name) as partial:
                part.replace(partial)
    commits.discard()


def _write(folder: Path, trained: Trained, settings: dict, accuracies: dict, checkpoints: Path) -> None:
    """All that an organism's folder holds."""
    save(trained.model, trained.processor, folder, settings["dtype"])
    (folder / "accuracies.json").write_text(json.dumps(accuracies, indent=1, sort_keys=True) + "\n")
    settings = {"parameters": sum(weight.numel() for weight in trained.model.parameters()), **settings}
    write_card(folder / "README.md", type(trained.model), trained.nouns, settings, accuracies)
    pd.DataFrame(trained.curve, columns=list(CURVE)).to_csv(folder / "curve.csv", index=False)
    if checkpoints.is_dir():
        shutil.copytree(checkpoints, folder / "checkpoints")
    else:
        (folder / "checkpoints").mkdir()


if __name__ == "__main__":
    params = snakemake.params
    run_job(
        lambda: main(
            Plan(
                snakemake.input.index, snakemake.input.sprites, params.images, params.test_images, params.seed,
                Recipe(**{"precision": "measured"} | params.recipe), params.family, params.checkpoints, params.unplaced,
                params.rho, params.frames, params.side, params.device,
            ),
            Path(snakemake.output[0]).parent,
            params.dtype,
        ),
        log=snakemake.log[0],
    )  # fmt: skip
