"""Laws of lessons as tokens: an answer is one token, or a noun that is asked for token by token; lists."""

import pytest
import torch

from linmech.objects.builtin.collection import BUILTIN
from linmech.organisms.builders import BUILDERS
from linmech.organisms.lessons.curriculum import LISTED
from linmech.organisms.lessons.pool import make_pool
from linmech.organisms.lessons.slots import Tokeniser, tokenise
from linmech.organisms.lessons.videos import make_video_pool
from linmech.organisms.training import named_by
from linmech.questions.kinds import KINDS, OF_TIME
from linmech.stimuli.composer import PALETTE
from small_organisms import FRAMES, OF_VIDEO, PATCH, SIDE
from squares import NOUNS


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
