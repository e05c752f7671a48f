"""Real videos as the three families of video models see them; tests/workflow/test_video_models.py asks about them."""

import pytest

import families
import read_videos
from linmech.models.encoding import encode, positions
from linmech.models.vlm import load_model
from linmech.stimuli.datasets import Dataset
from linmech.stimuli.films.mvbench import VIDEOS
from linmech.stimuli.items import question
from movies import item, movie, mvbench


@pytest.fixture(scope="module")
def films(tmp_path_factory) -> Dataset:
    scenes = [("garden", "kitchen"), ("car", "teddy bear")]
    made = [item(f"{number}.mp4", *pair) for number, pair in enumerate(scenes)]
    folder = mvbench(tmp_path_factory.mktemp("made"), [*made, item("gone.mp4")])
    for number, entry in enumerate(made):
        movie(folder / VIDEOS / entry["video"], rate=2 + number)
    results = tmp_path_factory.mktemp("results") / "mvbench"
    read_videos.main(folder, results)
    return Dataset(results)


@pytest.fixture(scope="module", params=["qwen2_5_vl", "llava_video", "video_llama_3"])
def vlm(request, tmp_path_factory):
    folder, options = tmp_path_factory.mktemp(request.param), families.OPTIONS | families.WHOLE
    return load_model(families.save(request.param, folder), **options.get(request.param, {}))


def test_a_scene_is_read_at_the_last_piece_of_its_words(vlm, films):
    for each in films.items():
        encoded = encode(vlm, [films.visual(each.visual)], [question(each)])
        for role, scene in each.things.items():
            (place,) = positions(encoded, 0, role, vlm)
            told = vlm.processor.tokenizer.decode(encoded.inputs["input_ids"][0, place : place + 1]).strip()
            assert told and scene.noun.endswith(told)
