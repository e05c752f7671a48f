"""Laws of framing: what is said to be seen is what changes the model's input, and what is not seen is counted."""

import copy

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import LlavaImageProcessor

import families
import tiny
from linmech.errors import LinmechError
from linmech.experiments.choosing import candidates
from linmech.models.encoding import encode
from linmech.models.framing import WHOLE, cut_off, in_view, shown, squared, unseen
from linmech.models.vlm import load_model
from linmech.stimuli.items import Item, Thing
from linmech.stimuli.visuals import Video
from shown import QUESTION

WIDE, TALL = (48, 160), (120, 48)  # height, width


@pytest.fixture(scope="module")
def padded(tmp_path_factory):
    return load_model(tiny.llava_folder(tmp_path_factory.mktemp("tiny")), pad_to_square=True)


def pixels_of(vlm, picture: np.ndarray) -> torch.Tensor:
    return encode(vlm, [Image.fromarray(picture)], [QUESTION]).inputs["pixel_values"]


def noise(size: tuple[int, int]) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)


@pytest.mark.parametrize("size", [WIDE, TALL])
def test_what_lies_outside_what_is_shown_changes_nothing_and_what_lies_inside_does(size):
    vlm, picture = tiny.llava(), noise(size)
    left, top, right, bottom = shown(vlm.processor, size)
    y, x = (np.arange(length) / length for length in size)
    outside = ~np.outer((top <= y) & (y < bottom), (left <= x) & (x < right))
    assert 0.3 < outside.mean() < 0.8
    for changed, same in ((outside, True), (~outside, False)):
        other = picture.copy()
        other[changed] = 255 - other[changed]
        assert torch.equal(pixels_of(vlm, picture), pixels_of(vlm, other)) == same


@pytest.mark.parametrize("size", [WIDE, TALL])
def test_a_padded_picture_is_seen_to_its_ends_and_a_square_one_as_before(size, padded):
    picture, other = noise(size), noise(size)
    left, top, right, bottom = shown(padded.processor, size)
    assert min(left, top) < 0 < 1 < max(right, bottom)
    other[:, :20] = 255 - other[:, :20]
    assert not torch.equal(pixels_of(padded, picture), pixels_of(padded, other))
    square = noise((48, 48))
    assert shown(padded.processor, (48, 48)) == shown(tiny.llava().processor, (48, 48)) == WHOLE
    assert torch.equal(pixels_of(padded, square), pixels_of(tiny.llava(), square))


@pytest.mark.parametrize("size", [WIDE, TALL, (61, 90)])
def test_the_border_is_the_one_that_transformers_puts_around_llavas_pictures(size, padded):
    fill = padded.processor.pinned.fill
    picture = noise(size)
    theirs = LlavaImageProcessor().pad_to_square(torch.from_numpy(picture).permute(2, 0, 1), fill)
    ours = squared(Image.fromarray(picture), fill)
    assert np.array_equal(np.asarray(ours), theirs.permute(1, 2, 0).numpy())
    video = squared(Video(np.stack([picture, picture]), per_second=3.0), fill)
    assert np.array_equal(video.frames[1], np.asarray(ours)) and video.per_second == 3.0


@pytest.mark.parametrize("crop", [24, 48])
def test_the_cut_is_counted_after_the_picture_is_shrunk(crop):
    processor = copy.deepcopy(tiny.llava().processor)
    processor.image_processor.crop_size = {"height": crop, "width": crop}
    left, top, right, bottom = shown(processor, (96, 192))
    assert (bottom - top, right - left) == pytest.approx((crop / 48, crop / 96))
    processor.image_processor.do_resize = False
    left, top, right, bottom = shown(processor, (96, 192))
    assert (bottom - top, right - left) == pytest.approx((crop / 96, crop / 192))


def item(number: int, x: float, width: int = 160) -> Item:
    things = {"subject": Thing("cat", x, 24.0), "reference": Thing("dog", 80.0, 24.0)}
    return Item(f"{number}", f"{number}", "left-right", things, "left", "right", width=width, height=48)


def test_items_about_what_is_cut_off_are_left_out_and_counted_unless_pictures_are_padded(padded, capsys):
    items = [item(0, 60.0), item(1, 10.0), item(2, 150.0), item(3, 70.0), item(4, float("nan"))]
    assert unseen(tiny.llava(), items[1]) == ["cat"] and unseen(tiny.llava(), items[4]) == []
    kept = candidates(items, "left-right", 0, 0, where="swapping.experiments.mirror", vlm=tiny.llava())
    assert [each.id for each in kept] == ["0", "3", "4"]
    told = capsys.readouterr().out
    assert told.startswith("swapping.experiments.mirror: in 2 of 5 questions the centre of a noun lies outside")
    assert "pad_to_square: true shows whole pictures; they are left out" in told
    assert candidates(items, "left-right", 0, 0, vlm=padded) == items
    assert cut_off(padded, items, "x") == "" and capsys.readouterr().out == ""
    with pytest.raises(LinmechError, match="in 2 of 2 questions"):
        in_view(tiny.llava(), items[1:3], "x")


def test_explored_and_measured_images_are_apart_whatever_is_left_out():
    items = [item(number, 20.0 if number % 3 else 70.0) for number in range(60)]
    explored, others = (
        {each.visual for each in candidates(items, "left-right", 0, 0, images, vlm=tiny.llava())}
        for images in ("explored", "others")
    )
    whole = {each.visual for each in candidates(items, "left-right", 0, 0, "explored")}
    assert explored and others and not explored & others and explored < whole


def test_where_nothing_is_cut_off_there_is_nothing_to_pad(tmp_path):
    with pytest.raises(LinmechError, match=r"config key models.qwen.pad_to_square: its processor cuts nothing off"):
        load_model(families.save("qwen2_vl", tmp_path), name="qwen", pad_to_square=True)
    assert shown(families.load("qwen2_vl").processor, WIDE) == WHOLE
