"""Laws that need a GPU, by hand on a machine that has one: pytest -m gpu tests/gpu.

The same laws hold on the CPU in the other tests; here the devices must agree, and memory must really run out.
"""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from linmech.activations.extraction import extract
from linmech.activations.prompts import Prompt
from linmech.engine.full_passes import sweep_full
from linmech.engine.interventions import Intervention
from linmech.engine.sweeps import sweep
from linmech.models.encoding import encode, positions
from linmech.models.vlm import VLM, load_model
from linmech.organisms.builders import BUILDERS
from linmech.organisms.decoder_training import evaluate
from linmech.organisms.lessons.curriculum import OF_VIDEOS
from linmech.organisms.lessons.pool import make_pool
from linmech.organisms.lessons.videos import make_video_pool
from linmech.organisms.recipe import Recipe
from linmech.organisms.training import fit
from linmech.questions.asking import ask
from linmech.stimuli.composer import PALETTE
from linmech.trainer.commits import Commits
from linmech.trainer.loop import Loop
from squares import NOUNS, squares

pytestmark = pytest.mark.gpu
ROOT = Path(__file__).parents[2]
SIDE, PATCH, FRAMES = 64, 16, 4
ASKED = "left-right", "apple", "cup"
SHAPE = dict(seed=0, side=SIDE, patch=PATCH, hidden=32, decoder_layers=2, vision_layers=1)


@dataclasses.dataclass
class Kept:
    """A sink that keeps all rows in memory."""

    layers: tuple[int, ...]
    folder: Path = Path("a/b")
    chunk: int = 64
    rows_done: int = 0
    rows: list = dataclasses.field(default_factory=list)

    def append(self, items, roles, residuals):
        self.rows.append(residuals)

    def finish(self):
        self.rows = [np.concatenate(self.rows, axis=1)]


def vlm(device: str, dtype: torch.dtype = torch.float32, hidden: int = 32) -> VLM:
    model, processor = BUILDERS["llava"](NOUNS, list(PALETTE), **SHAPE | {"hidden": hidden})
    return VLM(model.to(device, dtype).eval().requires_grad_(False), processor, "tiny", Path("tiny"))


def read(model: VLM, batch: int, count: int = 48) -> np.ndarray:
    """Residuals (layer row hidden) of `count` images at two nouns."""
    pool = make_pool(NOUNS, squares(), count, 0, "read", side=SIDE, patch=PATCH, held_out=False, per_image=1)
    roles = {"subject": "subject", "reference": "reference"}
    prompts = [Prompt(f"{n}", ask("left-right", NOUNS[0], NOUNS[1]), roles, f"{n}") for n in range(count)]
    sink = Kept(tuple(range(model.n_layers + 1)))
    extract(model, prompts, sink, lambda visual: Image.fromarray(pool.images[int(visual)]), batch=batch)
    return sink.rows[0]


def test_a_gpu_reads_the_residuals_of_the_cpu():
    np.testing.assert_allclose(read(vlm("cuda"), 8), read(vlm("cpu"), 8), rtol=1e-3, atol=2e-4)


def test_prompts_that_do_not_fit_the_gpu_run_in_halves_and_give_the_same_residuals(capsys):
    model = vlm("cuda", hidden=1024)
    whole = read(model, 4, 256)
    assert "do not fit" not in capsys.readouterr().out
    torch.cuda.empty_cache()
    total = torch.cuda.get_device_properties(0).total_memory
    try:
        torch.cuda.set_per_process_memory_fraction((torch.cuda.memory_reserved() + 40 * 2**20) / total)
        halved = read(model, 256, 256)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert "prompts at once do not fit its memory" in capsys.readouterr().out
    np.testing.assert_allclose(halved, whole, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(("dtype", "gap"), [("float32", 1e-3), ("bfloat16", 0.5)])
def test_the_fast_sweep_equals_whole_passes_on_a_gpu(dtype, gap):
    model, question = load_model(ROOT / "resources/organisms/llava", dtype=dtype, device="cuda"), ask(*ASKED)
    pool = make_pool(NOUNS, squares(), 1, 0, "one", side=128, patch=16, held_out=False, per_image=1)
    image = Image.fromarray(pool.images[0])
    place = tuple(positions(encode(model, [image], [question]), 0, "subject", model))
    draw = torch.Generator().manual_seed(0)
    vectors = torch.nn.functional.normalize(torch.randn(12, model.hidden, generator=draw), dim=-1)
    edits = [Intervention(4, place, vector, strength=3.0, relative=True) for vector in vectors]
    fast, full = sweep(model, image, question, edits), sweep_full(model, image, question, edits)
    one, other = ([score.d for score in scores] for scores in (fast, full))
    assert np.ptp(other) > 5 * gap, "the edits do more than rounding"
    np.testing.assert_allclose(one, other, rtol=0, atol=gap)


@pytest.mark.parametrize("family", BUILDERS)
def test_every_family_is_trained_on_a_gpu_and_what_it_commits_is_as_right_on_the_cpu(family, tmp_path):
    early = 0.4 if family in ("llava", "onevision") else 0
    more = {"reads": [0, -1]} if early else {}
    model, processor = BUILDERS[family](NOUNS, list(PALETTE), **SHAPE, **more)
    frames = FRAMES * (model.config.model_type in ("llava_onevision", "qwen2_5_vl", "video_llama_3"))
    shape = dict(side=SIDE, held_out=False)
    if frames:
        shape |= dict(frames=frames, patch=2 * PATCH, per_video=4, weights=OF_VIDEOS)
        pool = make_video_pool(NOUNS, squares(), 24, 0, "train", **shape)
    else:
        pool = make_pool(NOUNS, squares(), 24, 0, "train", patch=PATCH, per_image=4, **shape)
    recipe = Recipe(
        early=early, encoder_steps=6, encoder_batch=8, decoder_steps=30, decoder_batch=8, binding_share=0.5,
        binding_steps=3, joint_steps=2,
    )  # fmt: skip
    model.to("cuda")
    loop = Loop(dict(model.named_parameters()), Commits(tmp_path, {}, every=0))
    course = fit(loop, model, processor, NOUNS, {"train": pool, "composed": pool}, recipe, 0, frames)["composed"]
    there = evaluate(model, course)
    again, _ = BUILDERS[family](NOUNS, list(PALETTE), **SHAPE, **more)
    again.to("cuda")
    Loop(dict(again.named_parameters()), Commits(tmp_path, {}))
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters(), strict=True))
    again.to("cpu").set_attn_implementation("eager")
    here = evaluate(again.eval(), course)
    right = [sum(one["accuracy"] * one["questions"] for one in marks.values()) for marks in (there, here)]
    assert right[0] == pytest.approx(right[1], abs=3)
