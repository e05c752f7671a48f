"""Laws of visual tokens: a token is where linmech says it is, since a change of those pixels changes it most."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

import families
from linmech.engine.hooks import record
from linmech.errors import LinmechError
from linmech.models.encoding import encode, positions
from linmech.models.visual_tokens import visual_tokens
from linmech.models.vlm import load_model
from linmech.stimuli.visuals import Video
from shown import QUESTION, visual


@pytest.mark.parametrize("size", [(112, 112), (112, 224), (224, 112)])
@pytest.mark.parametrize("name", [name for name in families.FAMILIES if name != "mllama"])
def test_an_image_patch_is_the_token_that_a_change_of_those_pixels_changes_most(name, size):
    assert_placed(families.load(name), size)


@pytest.mark.parametrize("size", [(112, 224), (224, 112)])
def test_an_image_patch_is_found_in_a_picture_with_a_border(size, tmp_path):
    assert_placed(load_model(families.save("llava", tmp_path), pad_to_square=True), size)


@pytest.mark.parametrize("most", [1, 9])
@pytest.mark.parametrize("size", [(112, 160), (61, 223), (300, 96), (97, 100)])
def test_unpadded_and_shrunken_rows_are_counted_as_the_processor_counts_them(size, most, tmp_path):
    """`most`: tiles that LLaVA-OneVision keeps at full size; beyond them it interpolates the grid down."""
    folder = families.save("llava_onevision", tmp_path)
    for file in ("config.json", "processor_config.json"):
        settings = json.loads((folder / file).read_text())
        (folder / file).write_text(json.dumps(settings | {"vision_aspect_ratio": f"anyres_max_{most}"}))
    assert_placed(load_model(folder), size)


def test_rows_that_the_processor_does_not_tell_are_an_error_not_a_guess(monkeypatch):
    vlm = families.load("llava_onevision")
    encoded = encode(vlm, [visual("image", size=(61, 223))], [QUESTION])
    monkeypatch.delattr(type(vlm.processor), "_get_unpadded_features")
    with pytest.raises(LinmechError, match="no layout explains"):
        positions(encoded, 0, "image_patch(0.5, 0.5)", vlm)


def assert_placed(vlm, size):
    """Inverting the pixels of a token's box changes that token most of all that have a place."""
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    tokens, before = seen_tokens(vlm, Image.fromarray(pixels))
    middles = (tokens.boxes[:, :2] + tokens.boxes[:, 2:]) / 2
    placed = np.flatnonzero(((middles > 0) & (middles < 1)).all(axis=1))  # others: newlines, thumbnails, padding
    for token in placed[:: max(1, len(placed) // 5)]:
        left, top, right, bottom = tokens.boxes[token] * [size[1], size[0], size[1], size[0]]
        changed = pixels.copy()
        block = changed[max(round(top), 0) : round(bottom), max(round(left), 0) : round(right)]
        block[:] = 255 - block
        after = seen_tokens(vlm, Image.fromarray(changed))[1]
        assert placed[(after - before).norm(dim=-1)[placed].argmax()] == token
        x, y = (tokens.boxes[token, :2] + tokens.boxes[token, 2:]) / 2
        assert tokens.at(x, y) == [token]


@pytest.mark.parametrize("name", families.VIDEO)
def test_a_frame_is_the_tokens_that_a_change_of_that_frame_changes_first(name):
    vlm = families.load(name)
    video = visual("video")
    tokens, before = seen_tokens(vlm, video)
    for number in (0, 3, 7):
        frames = video.frames.copy()
        frames[number] = 255 - frames[number]
        change = (seen_tokens(vlm, Video(frames))[1] - before).norm(dim=-1)
        own = tokens.of_frame(number)
        others = [token for token in range(len(change)) if token not in own]
        placed = [token for token in own if np.isfinite(tokens.boxes[token, 0])]
        assert change[placed].min() > change[others].max()
        assert positions(encode(vlm, [video], [QUESTION]), 0, f"frame({number})", vlm)
    everywhere = [token for number in range(8) for token in tokens.of_frame(number)]
    assert set(everywhere) == set(np.flatnonzero(tokens.frames[:, 0] >= 0))


def seen_tokens(vlm, shown):
    """The visual tokens of a prompt, and their embeddings."""
    encoded = encode(vlm, [shown], [QUESTION])
    places = positions(encoded, 0, "image", vlm)
    with torch.no_grad(), record(vlm, [0]) as seen:
        vlm.model(**encoded.inputs, use_cache=False)
    return visual_tokens(vlm, encoded.inputs, 0, encoded.sizes[0], len(places)), seen[0][0, places]


def test_the_second_row_of_a_batch_has_its_own_grid():
    vlm = families.load("qwen2_5_vl")
    images = [Image.fromarray(np.zeros((*size, 3), np.uint8)) for size in ((112, 112), (112, 224))]
    encoded = encode(vlm, images, [QUESTION] * 2)
    for row, image in enumerate(images):
        alone = encode(vlm, [image], [QUESTION])
        for selector in ("image_patch(0.1, 0.9)", "image_patch(0.9, 0.1)", "image"):
            assert positions(encoded, row, selector, vlm) == positions(alone, 0, selector, vlm)


def test_an_image_that_is_not_among_the_tokens_has_no_patches_and_says_so():
    vlm = families.load("mllama")
    with pytest.raises(LinmechError, match="no layout explains its 1 visual tokens"):
        positions(encode(vlm, [visual("image")], [QUESTION]), 0, "image_patch(0.5, 0.5)", vlm)
