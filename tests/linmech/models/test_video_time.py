"""The time of a frame reaches the models: the rate is told, and each of 8 frames has its tokens."""

import numpy as np
import pytest

import families
from linmech.models.encoding import encode, positions
from linmech.questions.asking import ask
from linmech.stimuli.films.decoding import read_video, sample
from linmech.stimuli.visuals import Video
from movies import movie

ASKED = ask("before-after", "teddy bear", "car")
FRAMES = np.random.default_rng(0).integers(0, 256, (8, 56, 56, 3), dtype=np.uint8)


def times_of(vlm, inputs) -> set[int]:
    """The temporal positions of the visual tokens."""
    named = ("input_ids", "mm_token_type_ids", "video_grid_thw", "second_per_grid_ts", "attention_mask")
    places, _ = vlm.model.model.get_rope_index(**{name: inputs[name] for name in named if name in inputs})
    seen = inputs["input_ids"][0] == vlm.model.config.video_token_id
    return {int(time) for time in places[0, 0, seen]}


def test_temporal_positions_are_those_of_the_rate_and_without_one_all_frames_are_at_one_time():
    vlm = families.load("qwen2_5_vl")
    told = {rate: times_of(vlm, encode(vlm, [Video(FRAMES, rate)], [ASKED]).inputs) for rate in (1.0, 2.0)}
    (prompt,) = encode(vlm, [Video(FRAMES)], [ASKED]).prompts
    default = vlm.processor(text=[prompt], videos=[FRAMES], return_tensors="pt", do_sample_frames=False)
    assert len(times_of(vlm, default)) == 1, "the processor's own guess of 24 frames per second"
    assert all(len(times) == 4 for times in told.values()), "two frames are one token in time"
    assert np.ptp(sorted(told[1.0])) == 2 * np.ptp(sorted(told[2.0]))


def test_temporal_positions_of_a_file_are_those_of_its_own_rate(tmp_path):
    """The same 32 frames, shown in 3.1 or 6.2 seconds; the processor's own guess would be one time for both."""
    vlm, spans = families.load("qwen2_5_vl"), {}
    for rate in (10, 5):
        path = movie(tmp_path / f"{rate}.mp4", rate=rate)
        found = sample(path)
        video = read_video(path, found.frames, found.per_second)
        inputs = encode(vlm, [video], [ASKED]).inputs
        assert float(inputs["second_per_grid_ts"][0]) == pytest.approx(2 * 31 / rate / 7)
        spans[rate] = np.ptp(sorted(times_of(vlm, inputs)))
    speed = vlm.model.config.vision_config.tokens_per_second
    assert spans == {rate: int(3 * (2 * 31 / rate / 7) * speed) for rate in (10, 5)} and spans[5] > spans[10] > 0


@pytest.mark.parametrize("family", ["qwen2_5_vl", "llava_video", "video_llama_3"])
def test_every_frame_has_its_tokens_in_order_and_no_other_ones(family):
    vlm = families.load(family)
    encoded = encode(vlm, [Video(FRAMES)], [ASKED])
    found = [positions(encoded, 0, f"frame({number})", vlm) for number in range(8)]
    visual = positions(encoded, 0, "image", vlm)
    assert all(found) and set().union(*found) <= set(visual)
    firsts = [tokens[0] for tokens in found]
    assert firsts == sorted(firsts) and len(set(firsts)) == (4 if family == "qwen2_5_vl" else 8)
