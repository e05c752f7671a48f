"""A training of a tiny organism on coloured squares: a second or two, and no mesh is rendered."""

import dataclasses
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from linmech.objects.index import COLUMNS, write_table
from linmech.organisms.builders import BUILDERS
from linmech.organisms.families.llava import build_llava
from linmech.organisms.families.onevision import build_onevision
from linmech.organisms.families.qwen2_5_vl import build_qwen2_5_vl
from linmech.organisms.families.video_llama_3 import build_video_llama_3
from linmech.organisms.lessons import pools
from linmech.organisms.lessons.curriculum import sample_placements
from linmech.organisms.lessons.pool import label_map
from linmech.organisms.recipe import Recipe
from linmech.organisms.training import Plan
from linmech.seeds import integer
from linmech.stimuli.composer import PALETTE, compose
from small_organisms import FRAMES, SMALL
from squares import NOUNS, squares

STEPS = dict(encoder_steps=8, decoder_steps=56, joint_steps=4, binding_steps=6)
RECIPE = Recipe(encoder_batch=6, decoder_batch=3, **STEPS)


@pytest.fixture(scope="module")
def sprites() -> dict:
    """The squares."""
    return squares()


@pytest.fixture(scope="module", params=list(BUILDERS))
def organism(request):
    """An untrained model of every family, and its processor."""
    model, processor = BUILDERS[request.param](NOUNS, list(PALETTE), **SMALL)
    return model.eval(), processor


@pytest.fixture(scope="module")
def frames(organism) -> int:
    """Of the videos that the organism sees; 0 = images."""
    return FRAMES * (organism[0].config.model_type in ("llava_onevision", "qwen2_5_vl", "video_llama_3"))


def flat_scenes(nouns, draw):
    """In the place of a scene: squares on a background, with a depth."""
    placed = [dataclasses.replace(p, depth=draw.uniform(2, 6)) for p in sample_placements(nouns, 2, pools.SIDE, draw)]
    pixels = compose(placed, squares(), integer(0, draw.random()), pools.SIDE)
    return pixels, placed, label_map(placed, squares(), pools.SIDE)


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """Twenty images, sixty-eight steps, a model of two blocks; its index names meshes that are none."""
    monkeypatch.setitem(BUILDERS, "llava", partial(build_llava, hidden=32, decoder_layers=2, vision_layers=1))
    monkeypatch.setattr(pools, "scenes_of", lambda index, rho=None: flat_scenes)
    index, sprites = tmp_path / "index.tsv", tmp_path / "sprites.npz"
    np.savez(sprites, **{f"{noun}/{view}": sprite for (noun, view), sprite in squares().items()})
    rows = pd.DataFrame({"noun": NOUNS, "file": [str(tmp_path / f"{noun}.glb") for noun in NOUNS]})
    for file in rows["file"]:
        Path(file).write_text(file)
    write_table(rows.reindex(columns=COLUMNS, fill_value=""), index)
    return Plan(str(index), str(sprites), 20, 6, 0, RECIPE, checkpoints=[0.1, 0.45, 1])


VIDEO_RECIPE = dataclasses.replace(RECIPE, binding_frames=4)
READS_LAST = dataclasses.replace(VIDEO_RECIPE, early=0, positions="learned", norm=150)
OF_FRAMES = {
    "onevision": (build_onevision, 32, VIDEO_RECIPE),
    "qwen2.5-vl": (build_qwen2_5_vl, 64, dataclasses.replace(READS_LAST, positions="rotary")),  # half turn no column
    "video-llama-3": (build_video_llama_3, 32, READS_LAST),
}


@pytest.fixture(params=list(OF_FRAMES))
def video_plan(request, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """The same of videos of six frames of 64 px."""
    build, hidden, recipe = OF_FRAMES[request.param]
    monkeypatch.setitem(BUILDERS, request.param, partial(build, hidden=hidden, decoder_layers=2, vision_layers=1))
    return dataclasses.replace(plan, family=request.param, recipe=recipe, frames=6, side=64, unplaced=2)
