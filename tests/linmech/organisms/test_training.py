"""Laws of the organisms: what they are taught is true, and their training path equals the model's own."""

import copy
import dataclasses

import numpy as np
import pytest
import torch
from transformers import AutoModelForImageTextToText, AutoProcessor

from linmech.models.encoding import _seen
from linmech.organisms.builders import BUILDERS
from linmech.organisms.card import write_card
from linmech.organisms.decoder_training import answer_logits, evaluate, frames_of
from linmech.organisms.encoder_training import encoder_phase
from linmech.organisms.families.qwen2_5_vl import build_qwen2_5_vl
from linmech.organisms.inputs import encode_shown, image_features
from linmech.organisms.lessons.curriculum import OF_VIDEOS
from linmech.organisms.lessons.pool import make_pool
from linmech.organisms.lessons.slots import ATTENTION, Tokeniser, phrase, tokenise
from linmech.organisms.lessons.videos import make_video_pool
from linmech.organisms.recipe import PLACE_LOSSES, Recipe
from linmech.organisms.training import SET_AT_ONCE, build, fit, named_by
from linmech.seeds import rng
from linmech.stimuli.composer import PALETTE
from linmech.stimuli.visuals import Video
from linmech.trainer.commits import Commits
from linmech.trainer.loop import Loop
from small_organisms import FRAMES, OF_VIDEO, PATCH, SIDE, SMALL
from squares import NOUNS


@pytest.fixture(scope="module")
def videos(sprites):
    shape = dict(frames=FRAMES, side=SIDE, patch=2 * PATCH, held_out=False, per_video=4, weights=OF_VIDEOS)
    return make_video_pool(NOUNS, sprites, 8, 0, "train", **shape)


@pytest.fixture(scope="module")
def pool(sprites):
    shape = dict(side=SIDE, patch=PATCH, held_out=False, per_image=4)
    return make_pool(NOUNS, sprites, 24, 0, "train", **shape)


def test_the_training_path_gives_the_models_own_logits(organism, frames, pool, videos):
    model, processor = organism
    tokeniser, pool = Tokeniser(processor, frames), videos if frames else pool
    slots = tokenise(pool, tokeniser, 0)
    batch = torch.arange(3)
    model.get_decoder().config._attn_implementation = ATTENTION
    with torch.no_grad():
        fast = answer_logits(
            model, encode_shown(model, pool.images, pool.frames[:3], tokeniser.between), slots, batch, tokeniser
        )
    model.get_decoder().config._attn_implementation = "sdpa"
    for number in range(3):
        draw = rng(0, "phrase", number)
        for slot, lesson in enumerate(pool.lessons[number]):
            with torch.no_grad():
                logits = model(**asked(processor, pool, number, phrase(lesson, draw), frames)).logits[0, -1]
            torch.testing.assert_close(fast[number, slot], logits, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("family", [family for family in BUILDERS if family not in OF_VIDEO])
@pytest.mark.parametrize(("which", "idle"), [("spread", {0, 2, 4, 6}), ("all", set())])
def test_blocks_that_are_not_trained_first_change_nothing_yet_and_the_others_do(family, which, idle, pool):
    model, processor = build(family, NOUNS, Recipe(early=0, binding_blocks=which), 0, SIDE)
    unchanged = set()

    def note(number, states, out):
        out = out[0] if isinstance(out, tuple) else out
        unchanged.update({number} if torch.equal(out, states[0]) else ())

    for number, layer in enumerate(model.get_decoder().layers):
        layer.register_forward_hook(lambda layer, states, out, number=number: note(number, states, out))
    with torch.no_grad():
        model.eval()(**asked(processor, pool, 0, "Is there a cup?", 0))
    assert unchanged == idle


@pytest.mark.parametrize(("which", "trained"), [("spread", {1, 3, 5, 7}), ("all", set(range(8)))])
def test_the_binding_steps_train_the_blocks_that_the_recipe_names(which, trained, pool, tmp_path):
    recipe = Recipe(
        binding_blocks=which, encoder_steps=0, decoder_steps=2, decoder_batch=4, binding_steps=2, binding_share=1
    )
    model, processor = build("llava", NOUNS, recipe, 0, SIDE)
    before = copy.deepcopy(model.get_decoder().layers)
    loop = Loop(dict(model.named_parameters()), Commits(tmp_path, {}))
    fit(loop, model, processor, NOUNS, {"train": pool, "other": pool}, recipe, 0)
    pairs = zip(before.parameters(), model.get_decoder().layers.parameters(), strict=True)
    changed = [not torch.equal(one, other) for one, other in pairs]
    each = len(changed) // len(before)
    assert {at // each for at, own in enumerate(changed) if own} == trained


@pytest.mark.parametrize("family", OF_VIDEO)
def test_a_video_of_which_the_first_frames_are_shown_is_the_models_own_video_of_them(family, videos):
    (model, processor), first = BUILDERS[family](NOUNS, list(PALETTE), **SMALL), 2
    model.eval()
    tokeniser = Tokeniser(processor, FRAMES)
    slots, shows = tokenise(videos, tokeniser, 0), dataclasses.replace(videos, frames=videos.frames[:, :first])
    model.get_decoder().config._attn_implementation = ATTENTION
    with torch.no_grad():
        states = encode_shown(model, videos.images, shows.frames[:1], tokeniser.between)
        fast = answer_logits(model, states, slots, torch.arange(1), tokeniser, first)
    model.get_decoder().config._attn_implementation = "sdpa"
    draw = rng(0, "phrase", 0)
    for slot, lesson in enumerate(videos.lessons[0]):
        with torch.no_grad():
            logits = model(**asked(processor, shows, 0, phrase(lesson, draw), first)).logits[0, -1]
        torch.testing.assert_close(fast[0, slot], logits, atol=1e-4, rtol=1e-4)


def asked(processor, pool, number: int, text: str, frames: int) -> dict:
    """The processor's own inputs for a question about an image of the pool, or about a video."""
    content = [{"type": "video" if frames else "image"}, {"type": "text", "text": text}]
    prompt = processor.apply_chat_template([{"role": "user", "content": content}], add_generation_prompt=True)
    shows = pool.images[pool.frames[number]]
    visual = _seen(processor, [Video(shows)], "video") if frames else {"images": [shows[0]]}
    return processor(text=[prompt], return_tensors="pt", **visual)


def test_shuffled_frames_are_the_same_frames_in_an_order_drawn_anew_at_every_step(videos):
    batch = torch.tensor([1, 4, 6])
    told, untold = Recipe(), Recipe(shuffled=True)
    assert (frames_of(videos, batch, told, 0, 5) == videos.frames[batch]).all()
    one, again, next_step = (frames_of(videos, batch, untold, 0, step) for step in (5, 5, 6))
    assert (one == again).all() and (one != next_step).any() and (one != videos.frames[batch]).any()
    assert (np.sort(one) == np.sort(videos.frames[batch])).all()


@pytest.mark.parametrize("place_loss", PLACE_LOSSES)
@pytest.mark.parametrize(("family", "early"), [("llava", 0), ("llava", 0.6), ("mllama", 0.6), ("internvl", 0.6)])
def test_training_reduces_the_loss_and_is_reproducible(family, early, place_loss, pool, tmp_path):
    recipe = Recipe(
        early=early,
        place_loss=place_loss,
        encoder_steps=6,
        encoder_batch=8,
        decoder_steps=60,
        decoder_batch=8,
        binding_share=0.5,
        binding_steps=3,
        joint_steps=2,
    )
    weights = []
    for run in "ab":
        read = SET_AT_ONCE[family] if early else {}
        model, processor = BUILDERS[family](NOUNS, list(PALETTE), **SMALL, **read)
        untrained = copy.deepcopy(model)
        loop = Loop(dict(model.named_parameters()), Commits(tmp_path / run, {}))
        course = fit(loop, model, processor, NOUNS, {"train": pool, "composed": pool}, recipe, 0)["train"]
        before, after = evaluate(untrained, course), evaluate(model, course)
        weights.append(torch.cat([p.detach().flatten() for p in model.parameters()]))
    assert torch.equal(weights[0], weights[1])
    assert sum(v["questions"] for v in after.values()) == 24 * 4

    def right(marks):
        return sum(v["accuracy"] * v["questions"] for v in marks.values())

    assert right(after) > right(before)


def test_projected_patches_get_the_norm_that_the_recipe_says(organism, frames, pool, videos):
    model, processor = copy.deepcopy(organism[0]), organism[1]
    own = videos if frames else pool
    encoder_phase(model, named_by(processor, NOUNS), own, Recipe(early=0, norm=150), 0).finish()
    with torch.no_grad():
        assert float(image_features(model, own.images).norm(dim=-1).mean()) == pytest.approx(150, rel=0.05)


def test_a_block_that_writes_places_is_not_trained(videos, tmp_path):
    recipe = Recipe(
        early=0, positions="rotary", norm=150, encoder_steps=1, encoder_batch=8, decoder_steps=4, decoder_batch=4,
        binding_steps=2, binding_share=1,
    )  # fmt: skip
    trained, fresh = ({}, {})
    for weights, steps in ((trained, recipe), (fresh, dataclasses.replace(recipe, decoder_steps=0))):
        model, processor = build_qwen2_5_vl(NOUNS, list(PALETTE), **SMALL | {"hidden": 64})
        loop = Loop(dict(model.named_parameters()), Commits(tmp_path / str(steps.decoder_steps), {}))
        fit(loop, model, processor, NOUNS, {"train": videos, "other": videos}, steps, 0, FRAMES)
        weights |= {number: dict(layer.named_parameters()) for number, layer in enumerate(model.get_decoder().layers)}
    assert all(torch.equal(weight, fresh[0][name]) for name, weight in trained[0].items())
    assert not all(torch.equal(weight, fresh[1][name]) for name, weight in trained[1].items())


def test_an_organism_loads_from_its_folder_with_the_same_logits(organism, frames, pool, videos, tmp_path):
    model, processor = organism
    model.save_pretrained(tmp_path)
    processor.save_pretrained(tmp_path)
    again = AutoModelForImageTextToText.from_pretrained(tmp_path)
    inputs = asked(AutoProcessor.from_pretrained(tmp_path), videos if frames else pool, 0, "Is there a cup?", frames)
    with torch.no_grad():
        assert torch.equal(again(**inputs).logits, model(**inputs).logits)


@pytest.mark.parametrize(
    ("frames", "unasked", "told", "lists"),
    [
        (0, (), "questions about where", "about columns, rows, colours was"),
        (0, ["column", "row"], "questions about where", "about colours was"),
        (8, (), "questions about where and when", "about columns, frames was"),
        (8, ["column", "first"], "questions about when", "about frames was"),
    ],
)
def test_the_card_says_what_was_asked(frames, unasked, told, lists, tmp_path):
    recipe = dataclasses.asdict(Recipe(unasked=unasked))
    settings = dict(images=10, seed=0, minutes=1, machine="a test", parameters=5, dtype="float16", recipe=recipe)
    write_card(tmp_path / "README.md", dict, NOUNS, settings | {"frames": frames, "side": 64}, {"videos": {}})
    text = (tmp_path / "README.md").read_text()
    assert told in text and lists in text and f"unasked {', '.join(unasked) or 'nothing'}" in text


def test_the_card_says_the_numbers(tmp_path):
    settings = {
        "images": 10,
        "seed": 0,
        "minutes": 1,
        "machine": "a test",
        "parameters": 5,
        "dtype": "float16",
        "recipe": dataclasses.asdict(Recipe(decoder_steps=5)),
        "rho": 0.5,
        "unplaced": NOUNS[:2],
    }
    write_card(
        tmp_path / "README.md",
        dict,
        NOUNS,
        settings,
        {"composed": {"exists": {"accuracy": 0.954, "questions": 100}}, "scenes": {}},
    )
    text = (tmp_path / "README.md").read_text()
    assert "95.4 % of 100" in text and "decoder_steps 5" in text and "wine glass" in text
    assert "No loss told it of coordinates" in text and f"(2): {NOUNS[0]}, {NOUNS[1]}" in text and "in 50%" in text
    assert "float16, rounded before the accuracies were measured" in text
