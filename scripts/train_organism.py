"""Train a model organism from scratch and write its folder: weights, processor, card and accuracies."""

import json
import platform
import time
from dataclasses import asdict
from pathlib import Path

import torch

from linmech.errors import LinmechError
from linmech.files import atomic
from linmech.job import run_job
from linmech.objects.index import read_index
from linmech.objects.meshes import load_mesh
from linmech.organisms.builders import BUILDERS
from linmech.organisms.card import write_card
from linmech.organisms.curriculum import BINDING
from linmech.organisms.decoder_training import Course, evaluate, train_decoder, train_jointly
from linmech.organisms.encoder_training import recognition, train_encoder
from linmech.organisms.lesson_pool import Pool, join, make_pool
from linmech.organisms.lesson_slots import Tokeniser, tokenise
from linmech.organisms.recipe import Recipe
from linmech.stimuli.composer import COLOURS
from linmech.stimuli.sprites import load_sprites
from linmech.stimuli.stage import Stage, stage_source

SIDE, PATCH, QUESTIONS, SCENE_SHARE = 128, 16, 8, 0.33


def main(
    index: str, sprites: str, folder: str, images: int, test_images: int, seed: int, recipe: dict, family: str = "llava"
) -> None:
    """Train an organism on composed images and scenes of the objects in `index`.

    `family`: a key of organisms.BUILDERS. `recipe`: fields of Recipe.
    Writes model.safetensors (float32), config, tokenizer, processor, README.md (the card) and accuracies.json: held-out
    accuracy by question kind, on composed images and on scenes. One thread, so the same seed gives the same weights.
    """
    started = time.time()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    drawn = load_sprites(sprites)
    nouns = sorted({noun for noun, _ in drawn})
    objects = read_index(index).itertuples()
    stage = Stage({row.noun: load_mesh(row.file, row.colour, row.up) for row in objects}, SIDE)
    shape = dict(side=SIDE, patch=PATCH, per_image=QUESTIONS, scenes=stage_source(stage))
    binding = round(Recipe(**recipe).binding_share * images)
    pools = {
        "train": join(
            make_pool(nouns, drawn, binding, seed, "binding", held_out=False, weights=BINDING, **shape),
            make_pool(nouns, drawn, images - binding, seed, "train", held_out=False, scene_share=SCENE_SHARE, **shape),
        ),
        "composed": make_pool(nouns, drawn, test_images, seed, "test", held_out=True, **shape),
        "scenes": make_pool(nouns, drawn, test_images // 2, seed, "test-scenes", held_out=True, scene_share=1, **shape),
    }
    model, processor = BUILDERS[family](nouns, list(COLOURS), seed=seed, side=SIDE, patch=PATCH)
    accuracies = fit(model, processor, nouns, pools, Recipe(**recipe), seed)
    parameters = sum(weight.numel() for weight in model.parameters())
    settings = {"parameters": parameters, "images": images, "seed": seed, "recipe": asdict(Recipe(**recipe))}
    settings |= {"minutes": round((time.time() - started) / 60), "machine": f"one core ({platform.machine()})"}
    Path(folder).mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    for name, write in (
        ("accuracies.json", lambda path: path.write_text(json.dumps(accuracies, indent=1, sort_keys=True) + "\n")),
        ("README.md", lambda path: write_card(path, type(model), nouns, settings, accuracies)),
    ):
        with atomic(Path(folder) / name) as partial:
            write(partial)


def fit(model, processor, nouns: list[str], pools: dict[str, Pool], recipe: Recipe, seed: int) -> dict[str, dict]:
    """The phases of training.py, one after the other; returns held-out accuracies by test set and question kind."""
    last_pieces = [processor.tokenizer(f" {noun}", add_special_tokens=False).input_ids[-1] for noun in nouns]
    if len(set(last_pieces)) < len(nouns):
        raise LinmechError(f"objects: two of {nouns} end in the same token, so the encoder cannot tell them apart")
    tokeniser = Tokeniser(processor)
    courses = {name: Course(pool, tokenise(pool, tokeniser, seed), tokeniser) for name, pool in pools.items()}
    model.set_attn_implementation("eager")
    train_encoder(model, last_pieces, pools["train"], recipe, seed)
    print("held-out patches right:", recognition(model, last_pieces, pools["composed"]), flush=True)
    train_decoder(model, courses["train"], recipe, seed)
    train_jointly(model, courses["train"], recipe, seed)
    model.eval()
    return {name: evaluate(model, courses[name]) for name in pools if name != "train"}


if __name__ == "__main__":
    snakemake = globals()["snakemake"]
    run_job(
        lambda: main(
            snakemake.input.index,
            snakemake.input.sprites,
            str(Path(snakemake.output[0]).parent),
            snakemake.params.images,
            snakemake.params.test_images,
            snakemake.params.seed,
            snakemake.params.recipe,
            snakemake.params.family,
        ),
        log=snakemake.log[0],
    )
