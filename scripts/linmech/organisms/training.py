"""A training from its pools to the trained model: its phases one after the other, and what all its numbers hang on."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path

import torch
import transformers
from torch import nn

from linmech.code_behind import hashes_behind
from linmech.errors import LinmechError
from linmech.files import sha256
from linmech.models.precision import faster_precision
from linmech.objects.index import read_index
from linmech.organisms.builders import BUILDERS
from linmech.organisms.checkpoints import Checkpoints, checkpoint_steps
from linmech.organisms.decoder_training import Course, decoder_phase, joint_phase
from linmech.organisms.encoder_training import Named, encoder_phase, recognition
from linmech.organisms.lessons.pool import Pool
from linmech.organisms.lessons.pools import PATCH, SIDE, Syllabus, make_pools
from linmech.organisms.lessons.slots import Tokeniser, tokenise
from linmech.organisms.recipe import Recipe
from linmech.organisms.start import early_blocks, hold_back
from linmech.organisms.towers import set_positions
from linmech.stimuli.composer import PALETTE
from linmech.trainer.commits import Commits, identity_in
from linmech.trainer.loop import Loop

SCRIPTS = Path(__file__).resolve().parents[2]
CODE = "linmech/organisms/training.py"
BOTH_ENDS = {"reads": [0, -1]}
SET_AT_ONCE = {
    "llava": BOTH_ENDS,
    "onevision": BOTH_ENDS,
    "mllama": {},
    "internvl": {},
}  # families' projectors, built so
TURNS = ("qwen2-vl",)  # whose rotations are the published ones unless places are to be read off them


@dataclass(frozen=True)
class Plan:
    """What is trained: a `family` (a key of BUILDERS), on `images` of the objects of `index` (files), by `recipe`.

    `checkpoints`: which models are left on the way, as `checkpoint_steps` takes it. `unplaced`: how many nouns never
    occur in a question about a place. `rho`: how often the lower object of a scene is the nearer one; None = always,
    and of scenes no above/below is asked. `frames`: of videos, which are in the place of images; 0 = images. `side`: of
    an image or a frame, in pixels. `device`: where the model is trained, as torch names it.
    """

    index: str
    sprites: str
    images: int
    test_images: int
    seed: int
    recipe: Recipe = field(default_factory=Recipe)
    family: str = "llava"
    checkpoints: int | Sequence[float] = ()
    unplaced: int = 0
    rho: float | None = None
    frames: int = 0
    side: int = SIDE
    device: str = "cpu"

    @property
    def syllabus(self) -> Syllabus:
        """What is asked about which images."""
        shown = (self.images, self.test_images, self.recipe.binding_share, self.recipe.unasked)
        return Syllabus(*shown, self.unplaced, self.rho, self.frames, self.recipe.binding_frames, self.side)

    def begun(self, folder: str | Path) -> "Plan":
        """The plan with a precision: where none is set, the one that the training in `folder` began with, on whatever
        machine, or the faster one on this.
        """
        if self.recipe.precision != "measured":
            return self
        before = identity_in(folder).get("recipe", {}).get("precision")
        chosen = before or faster_precision(self.device)
        return replace(self, recipe=replace(self.recipe, precision=chosen))

    def identity(self) -> dict[str, object]:
        """All that the numbers depend on, by name, as JSON has it: files and code by their hashes, and versions."""
        files = {"index": sha256(self.index), "sprites": sha256(self.sprites)}
        meshes = [sha256(row.file) for row in read_index(self.index).itertuples()]
        versions = {"torch": torch.__version__, "transformers": transformers.__version__}
        return asdict(self) | files | {"meshes": meshes, "code": hashes_behind(SCRIPTS, CODE)} | versions


@dataclass(frozen=True)
class Trained:
    """A trained model, what it was tested on (by test set), and `Loop.curve`."""

    model: nn.Module
    processor: object
    nouns: list[str]
    tests: dict[str, Course]
    curve: list[list]


def train(plan: Plan, commits: Commits) -> Trained:
    """Train the organism, or go on where `commits` says that its training stands.

    One thread of a CPU makes it reproducible; a GPU adds gradients up in an order of its own.
    Raises LinmechError for checkpoints that fall on one step, and for nouns that the encoder cannot tell apart.
    """
    phases = plan.recipe.phases()
    steps = checkpoint_steps(plan.checkpoints, phases)
    nouns, pools = make_pools(plan.index, plan.sprites, plan.syllabus, plan.seed, commits.folder)
    model, processor = build(plan.family, nouns, plan.recipe, plan.seed, plan.side)
    model.to(plan.device)
    set_positions(model, pools["train"].images[:64], plan.recipe.positions, plan.seed)
    checkpoints = Checkpoints(commits.folder / "checkpoints", steps, phases, model, processor)
    loop = Loop(dict(model.named_parameters()), commits, checkpoints.after)
    courses = fit(loop, model, processor, nouns, pools, plan.recipe, plan.seed, plan.frames)
    del courses["train"]
    return Trained(model, processor, nouns, courses, loop.curve)


def build(family: str, nouns: Sequence[str], recipe: Recipe, seed: int, side: int = SIDE) -> tuple[nn.Module, object]:
    """An untrained organism and its processor. Raises LinmechError where the family has no projector for the recipe."""
    shape = dict(seed=seed, side=side, patch=PATCH)
    if recipe.positions == "rotary" and family in TURNS:
        shape["turning"] = True
    if recipe.early and family not in SET_AT_ONCE:
        raise LinmechError(
            f"config key recipe.early is {recipe.early}: the projector of {family} cannot be set; set it to 0"
        )
    if recipe.early:
        shape |= SET_AT_ONCE[family]
    model, processor = BUILDERS[family](nouns, list(PALETTE), **shape)
    layers = model.get_decoder().layers
    hold_back(layers, early_blocks(len(layers), recipe.binding_blocks))
    return model, processor


def fit(
    loop: Loop, model: nn.Module, processor: object, nouns: list[str], pools: dict[str, Pool], recipe: Recipe,
    seed: int, frames: int = 0,
) -> dict[str, Course]:  # fmt: skip
    """Run the phases; returns the courses, by pool. pools: train, and others to test on; `frames` as for `Plan`."""
    named = named_by(processor, nouns)
    tokeniser = Tokeniser(processor, frames)
    listed = {"train": recipe.listed}
    courses = {
        name: Course(pool, tokenise(pool, tokeniser, seed, listed.get(name, 0), spelled=name == "train"), tokeniser)
        for name, pool in pools.items()
    }
    model.set_attn_implementation("eager")
    loop.run(recipe.encoder_steps, partial(encoder_phase, model, named, pools["train"], recipe, seed))
    if loop.trained == recipe.encoder_steps:
        held_out = next(pool for name, pool in pools.items() if name != "train")
        print("held-out patches right:", recognition(model, named, held_out), flush=True)
    loop.run(recipe.decoder_steps, partial(decoder_phase, model, courses["train"], recipe, seed))
    loop.run(recipe.joint_steps, partial(joint_phase, model, courses["train"], recipe, seed))
    model.eval()
    return courses


def named_by(processor: object, nouns: Sequence[str]) -> Named:
    """The last tokens of the nouns and of the colours. Raises LinmechError where two nouns end in the same one."""
    pieces = [
        torch.tensor([processor.tokenizer(f" {word}", add_special_tokens=False).input_ids[-1] for word in words])
        for words in (nouns, PALETTE)
    ]
    if len(set(pieces[0].tolist())) < len(nouns):
        raise LinmechError(f"objects: two of {nouns} end in the same token, so the encoder cannot tell them apart")
    return Named(*pieces)
