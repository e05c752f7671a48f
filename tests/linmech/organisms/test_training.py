"""Laws of the organisms: what they are taught is true, and their training path equals the model's own."""

import copy
import dataclasses

import numpy as np
import pytest
import torch
from transformers import AutoModelForImageTextToText, AutoProcessor

from linmech.models.encoding import _seen
from linmech.objects.builtin.collection import BUILTIN
from linmech.organisms.builders import BUILDERS
from linmech.organisms.card import write_card
from linmech.organisms.decoder_training import answer_logits, evaluate, frames_of
from linmech.organisms.families.llava import build_llava
from linmech.organisms.inputs import encode_shown
from linmech.organisms.lessons.curriculum import (
    LISTED,
    OF_VIDEOS,
)
from linmech.organisms.lessons.pool import make_pool
from linmech.organisms.lessons.slots import ATTENTION, Tokeniser, phrase, tokenise
from linmech.organisms.lessons.videos import make_video_pool
from linmech.organisms.recipe import PLACE_LOSSES, Recipe
from linmech.organisms.training import fit, named_by
from linmech.questions.kinds import KINDS, OF_TIME
from linmech.seeds import rng
from linmech.stimuli.composer import PALETTE
from linmech.stimuli.visuals import Video
from linmech.trainer.commits import Commits
from linmech.trainer.loop import Loop
from squares import NOUNS, squares

SIDE, PATCH, FRAMES = 64, 16, 4
OF_VIDEO = ("onevision", "qwen2.5-vl", "video-llama-3")  # families of organisms that see videos


@pytest.fixture(scope="module")
def sprites() -> dict:
    return squares()


SMALL = dict(seed=0, side=SIDE, patch=PATCH, hidden=32, decoder_layers=2, vision_layers=1)


@pytest.fixture(scope="module", params=list(BUILDERS))
def organism(request):
    model, processor = BUILDERS[request.param](NOUNS, list(PALETTE), **SMALL)
    return model.eval(), processor


@pytest.fixture(scope="module")
def frames(organism) -> int:
    """Of the videos that the organism sees; 0 = images."""
    return FRAMES * (organism[0].config.model_type in ("llava_onevision", "qwen2_5_vl", "video_llama_3"))


@pytest.fixture(scope="module")
def videos(sprites):
    shape = dict(frames=FRAMES, side=SIDE, patch=2 * PATCH, held_out=False, per_video=4, weights=OF_VIDEOS)
    return make_video_pool(NOUNS, sprites, 8, 0, "train", **shape)


@pytest.fixture(scope="module")
def pool(sprites):
    shape = dict(side=SIDE, patch=PATCH, held_out=False, per_image=4)
    return make_pool(NOUNS, sprites, 24, 0, "train", **shape)


def test_every_answer_is_one_token_and_several_nouns_are_not(organism, frames):
    _, processor = organism
    tokeniser = Tokeniser(processor, frames)
    for spec in (spec for kind, spec in KINDS.items() if frames or kind not in OF_TIME):
        assert len({tokeniser.answer(option) for option in spec.options}) == len(spec.options)
    pieces = [len(processor.tokenizer(f" {noun}", add_special_tokens=False).input_ids) for noun in NOUNS]
    assert sum(count > 1 for count in pieces) * 4 >= len(NOUNS)


def test_in_a_list_the_answer_follows_the_noun_and_other_questions_end_with_the_prompt_for_an_answer(
    organism, frames, sprites
):
    _, processor = organism
    tokeniser = Tokeniser(processor, frames)
    pool = make_pool(NOUNS, sprites, 12, 0, "train", side=SIDE, patch=PATCH, held_out=False, per_image=6)
    none, every = (tokenise(pool, tokeniser, 0, share) for share in (0.0, 1.0))
    assert torch.equal(none.answers, every.answers)
    kinds = [lesson.kind for group in pool.lessons for lesson in group]
    assert set(LISTED) & set(kinds) and set(kinds) - set(LISTED)
    for place, lesson in enumerate(sum(pool.lessons, [])):
        slots = [
            slots.tokens.flatten(0, 1)[place, : slots.last.flatten()[place] + 1].tolist() for slots in (none, every)
        ]
        if lesson.kind in LISTED:
            assert slots[1] == tokeniser.question(LISTED[lesson.kind], lesson.subject) != slots[0]
            assert processor.tokenizer.decode(slots[1]).endswith(f" {lesson.subject}")
        else:
            assert all(asked[-2:] == tokeniser.question("x")[-2:] for asked in slots)


def test_a_noun_that_answers_is_asked_for_token_by_token(organism, sprites):
    _, processor = organism
    tokeniser, asked = Tokeniser(processor), 0
    shape = dict(frames=FRAMES, side=SIDE, patch=2 * PATCH, held_out=False, per_video=4, weights={"first": 1})
    pool = make_video_pool(NOUNS, sprites, 24, 0, "train", **shape)
    plain, spelled = (tokenise(pool, tokeniser, 0, spelled=spelled) for spelled in (False, True))
    for place, lesson in enumerate(sum(pool.lessons, [])):
        pieces, other = tokeniser.pieces(lesson.answer), tokeniser.pieces(lesson.other)
        rows = [
            (slots.tokens.flatten(0, 1)[place], int(slots.last.flatten()[place]), int(slots.answers.flatten()[place]))
            for slots in (plain, spelled)
        ]
        for tokens, last, answer in rows:
            told = next(n for n, piece in enumerate(pieces) if piece == answer)
            assert tokens[last + 1 - told : last + 1].tolist() == pieces[:told]
            asked += told
        shared = next(n for n, piece in enumerate(pieces) if other[n : n + 1] != [piece])
        assert rows[0][2] == pieces[shared]
    assert asked, "some nouns have several tokens"


@pytest.mark.parametrize("family", BUILDERS)
def test_with_all_the_built_in_nouns_and_colours_answers_are_still_one_token(family):
    nouns = sorted(name.replace("_", " ") for name in BUILTIN)
    _, processor = BUILDERS[family](nouns, list(PALETTE), seed=0, side=SIDE, patch=PATCH, hidden=32, decoder_layers=2)
    time = family in OF_VIDEO
    tokeniser = Tokeniser(processor, FRAMES * time)
    assert len({tokeniser.answer(colour) for colour in PALETTE}) == len(PALETTE)
    asked = [spec for kind, spec in KINDS.items() if time or kind not in OF_TIME]
    assert all(tokeniser.answer(option) for spec in asked for option in spec.options)
    named_by(processor, nouns)


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
@pytest.mark.parametrize("early", [0, 0.6])
def test_training_reduces_the_loss_and_is_reproducible(early, place_loss, pool, tmp_path):
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
        model, processor = build_llava(NOUNS, list(PALETTE), **SMALL, reads=[0, -1] if early else -1)
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


def test_an_organism_loads_from_its_folder_with_the_same_logits(organism, frames, pool, videos, tmp_path):
    model, processor = organism
    model.save_pretrained(tmp_path)
    processor.save_pretrained(tmp_path)
    again = AutoModelForImageTextToText.from_pretrained(tmp_path)
    inputs = asked(AutoProcessor.from_pretrained(tmp_path), videos if frames else pool, 0, "Is there a cup?", frames)
    with torch.no_grad():
        assert torch.equal(again(**inputs).logits, model(**inputs).logits)


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
