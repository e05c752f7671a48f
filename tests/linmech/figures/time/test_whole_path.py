"""The three families of video models pass the whole path, as tiny random members in their own folder layout."""

import numpy as np
import pandas as pd
import pytest

from derive_ids import main as derive
from filmed import FRAMES, LAYERS, Filmed
from linmech.ids.files import load_ids

FAMILIES = ("qwen2_5_vl", "llava_video", "video_llama_3")


@pytest.fixture(scope="module", params=FAMILIES)
def film(request, tmp_path_factory) -> Filmed:
    return Filmed(request.param, tmp_path_factory.mktemp(request.param), derive)


def test_temporal_ids_have_a_cell_per_frame_and_tell_of_each_held_out_object(film):
    for ids in load_ids(film.ids("temporal")).values():
        assert ids.coordinates == ("frame",) and ids.ids.shape == (FRAMES, film.vlm.hidden)
        assert set(ids.words) == {"time-words", "clips"} and set(ids.words["clips"]) == {"before", "after"}
        told = ids.statistics["by_noun"]
        assert set(told) == set(ids.statistics["held_out"]) and all(len(places) == FRAMES for places in told.values())
        assert ids.axes.any() == (ids.layer > 0), "no token of the text has seen a frame at layer 0"
    both = load_ids(film.ids("space-time"), [LAYERS])[LAYERS]
    assert both.ids.shape == (2, FRAMES, film.vlm.hidden) and both.axes.any()


def test_figures_of_time_are_drawn_from_tables_of_swaps_displacements_and_steering(film, tmp_path):
    outputs = film.plot(tmp_path)
    csv = pd.read_csv(outputs["fig10"]["csv"])
    assert set(csv["panel"]) == set("ABCD") and set(csv["model"]) == {film.name}
    carried = csv[(csv["value"] == "share") & csv["selector"].isin(["image", "text"])]
    together = carried.groupby("layer")["estimate"].sum()
    whole = carried.pivot(index="layer", columns="selector", values="estimate")
    assert whole.loc[0, "image"] == pytest.approx(1, abs=1e-3) and np.isfinite(together).all()
    donors = csv[csv["value"] == "delta"]
    assert {"reverse-frames", "mirror-frames", "recolour-frames"} == set(donors["experiment"])
    moved = csv[csv["need"].notna()]
    assert set(moved["arm"].dropna()) >= {"axis", "noise"} and "orthogonal" not in set(moved["arm"].dropna())
    for files in outputs.values():
        assert all(path.stat().st_size > 1000 for path in files.values())
    cosines = pd.read_csv(outputs["figa17"]["csv"])
    assert cosines["cosine_held_out"].dropna().between(0, 1).all() and len(cosines) == 2 * FRAMES * (LAYERS + 1)
