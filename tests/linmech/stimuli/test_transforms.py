"""Laws of the changes of a visual."""

import numpy as np
import pytest
from PIL import Image

from linmech.errors import LinmechError
from linmech.stimuli.transforms import changed
from linmech.stimuli.visuals import Video


def picture(seed: int = 0, width: int = 60, height: int = 40) -> Image.Image:
    draw = np.random.default_rng(seed)
    return Image.fromarray(draw.integers(0, 256, (height, width, 3), dtype=np.uint8))


def pixels(visual) -> np.ndarray:
    return np.asarray(visual).astype(float)


def test_no_change_is_the_visual_itself_and_nothing_stays_nothing():
    image = picture()
    assert changed(image, "") is image
    assert all(changed(None, change) is None for change in ("", "mirror", "recolour:1"))


def test_mirroring_twice_and_reversing_twice_change_nothing_and_once_does():
    image = picture()
    assert (pixels(changed(changed(image, "mirror"), "mirror")) == pixels(image)).all()
    assert (pixels(changed(image, "mirror")) == pixels(image)[:, ::-1]).all()
    video = Video(np.random.default_rng(0).integers(0, 256, (5, 8, 8, 3), dtype=np.uint8), per_second=2.0)
    twice = changed(changed(video, "reverse"), "reverse")
    assert (twice.frames == video.frames).all() and twice.per_second == 2.0


def test_recolouring_keeps_the_places_changes_the_hues_and_depends_on_its_seed_alone():
    image = picture()
    one, again, other = (pixels(changed(image, f"recolour:{seed}")) for seed in (7, 7, 8))
    assert (one == again).all() and np.abs(one - other).mean() > 5
    assert np.abs(one - pixels(image)).mean() > 10
    light = [np.corrcoef(each.mean(-1).ravel(), pixels(image).mean(-1).ravel())[0, 1] for each in (one, other)]
    assert min(light) > 0.95


def test_a_blurred_box_is_smooth_and_the_rest_is_untouched():
    image = picture()
    soft, sharp = pixels(changed(image, "blur:10,5,40,30")), pixels(image)
    inside = np.zeros(sharp.shape[:2], bool)
    inside[5:30, 10:40] = True
    assert (soft[~inside] == sharp[~inside]).all()
    assert soft[inside].std(0).mean() < 0.1 * sharp[inside].std(0).mean()
    edge = pixels(changed(image, "blur:-20,-20,15,15"))
    assert (edge[15:] == sharp[15:]).all() and (edge[:15, :15] != sharp[:15, :15]).any()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("mirrored", "unknown change 'mirrored' of a visual; use mirror, reverse"),
        ("recolour:red", "write a seed"),
        ("blur:1,2,3", "write blur:x0,y0,x1,y1"),
        ("blur:100,0,120,10", "outside the picture of 60 x 40"),
        ("reverse", "no frames to reverse"),
    ],
)
def test_a_change_that_cannot_be_made_is_one_line(change, said):
    with pytest.raises(LinmechError) as caught:
        changed(picture(), change)
    assert said in str(caught.value) and "\n" not in str(caught.value)
