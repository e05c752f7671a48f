"""Laws of the swapping experiment: a swap of everything is the run about the changed visual, of nothing none."""

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import tiny
from discs import SIDE, laid_out
from linmech.engine.beliefs import beliefs
from linmech.experiments.progress import Progress
from linmech.experiments.swapping import COLUMNS, Settings, seeded, swap_all
from linmech.models.declared import Declared
from linmech.models.encoding import encode
from linmech.stimuli.items import question
from linmech.stimuli.layouts.stimulus import Query
from linmech.stimuli.transforms import changed
from stored import composed, pair, photographed
from swap_model import main

ASKED = Query("left-right", 0, 1, -1, "left", "right")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    made = [pair(f"{n}", ("frog", "car"), [(10, 20), (40, 20)], ASKED) for n in range(4)]
    shown = [(stimulus, tiny.image(n)) for n, stimulus in enumerate(made)]
    return photographed(tmp_path_factory.mktemp("swaps") / "pairs", shown)


def swapped(dataset, tmp_path, change: str = "mirror", **settings) -> pd.DataFrame:
    settings = Settings("mirror", change=change, items=2, **settings)
    return swap_all(tiny.llava(), dataset, settings, Progress(tmp_path / change, "k"))


def test_the_table_has_a_row_for_the_donor_and_for_every_layer_and_selector(dataset, tmp_path):
    table = swapped(dataset, tmp_path)
    assert list(table) == COLUMNS and len(table) == 2 * (1 + 5 * 3)
    sites = table[table["run"] == "swapped"]
    assert len(sites[["item", "layer", "selector"]].drop_duplicates()) == 2 * 5 * 3
    assert set(sites["selector"]) == {"image", "text", "nouns"} and set(sites["layer"]) == set(range(5))
    donors = table[table["run"] == "donor"]
    assert (donors["layer"] == -1).all() and (donors["selector"] == "").all() and set(table["change"]) == {"mirror"}


def test_the_donor_is_the_plain_run_about_the_changed_visual(dataset, tmp_path):
    table = swapped(dataset, tmp_path)
    for row in table[table["run"] == "donor"].itertuples():
        item = next(item for item in dataset.items() if item.id == row.item)
        for image, d in ((dataset.visual(item.visual), row.d_before), (None, row.d_after)):
            image = image or changed(dataset.visual(item.visual), "mirror")
            plain = [beliefs(tiny.llava(), encode(tiny.llava(), [image], [question(item, n)]))[0].d for n in (0, 1)]
            assert d == pytest.approx(np.mean(plain), abs=1e-4)
        assert abs(row.delta) > 0.01


def test_where_a_swap_takes_everything_it_is_the_donor_and_where_nothing_differs_it_is_nothing(dataset, tmp_path):
    table = swapped(dataset, tmp_path).set_index(["run", "layer", "selector", "item"])["delta"]
    whole = table["donor", -1, ""]
    for site in ((0, "image"), (4, "text")):
        np.testing.assert_allclose(table["swapped"][site], whole, atol=1e-4)
    np.testing.assert_allclose(table["swapped"][0, "nouns"], 0, atol=1e-4)
    np.testing.assert_allclose(table["swapped"][4, "image"], 0, atol=1e-4)


def test_a_change_that_changes_nothing_moves_no_belief(tmp_path):
    """An image that is its own mirror image."""
    noise = np.array(tiny.image(0))
    noise[:, ::-1][:, : tiny.SIDE // 2] = noise[:, : tiny.SIDE // 2]
    picture = Image.fromarray(noise)
    assert (np.asarray(changed(picture, "mirror")) == noise).all()
    made = [(pair(f"{n}", ("frog", "car"), [(10, 20), (40, 20)], ASKED), picture) for n in range(2)]
    table = swapped(photographed(tmp_path / "own", made), tmp_path, layers=(2,))
    assert table["delta"].abs().max() < 1e-4 and set(table["layer"]) == {-1, 2}


def test_what_is_drawn_hangs_on_the_seed_and_the_item_and_keeps_its_name_in_the_table(dataset, tmp_path):
    one, other = dataset.items()[:2]
    named = "random_text(nouns)"
    assert seeded("nouns", 0, one) == "nouns" and seeded("random_text(6)+last", 0, one).endswith(")+last")
    drawn = {seeded(named, seed, item) for seed in (0, 1) for item in (one, other)}
    assert len(drawn) == 4 and all(re.fullmatch(r"random_text\(nouns, \d+\)", each) for each in drawn)
    tables = [swapped(dataset, tmp_path / f"{n}", selectors=(named,), seed=seed) for n, seed in enumerate((0, 0, 1))]
    assert set(tables[0]["selector"]) == {"", named}
    pd.testing.assert_frame_equal(tables[0], tables[1])
    assert not set(zip(tables[0]["item"], tables[0]["delta"].round(5), strict=True)) >= set(
        zip(tables[2]["item"], tables[2]["delta"].round(5), strict=True)
    )


def test_other_objects_in_the_same_places_are_a_donor(tmp_path, sprites):
    pictures = composed(tmp_path / "pairs", laid_out("pairs", items=4), sprites, SIDE)
    found = swapped(pictures, tmp_path, change="other-nouns:1", layers=(0, tiny.LAYERS), selectors=("image+text",))
    donors = found[found["run"] == "donor"].set_index("item")["delta"]
    whole = found[found["run"] == "swapped"]
    assert (donors.abs() > 0.01).all()
    np.testing.assert_allclose(whole["delta"], whole["item"].map(donors), atol=1e-4)


def test_the_job_writes_the_table_of_its_settings(dataset, tmp_path):
    model = Declared("tiny", str(tiny.llava_folder(tmp_path)), tiny.LAYERS).identified()
    settings = Settings("mirror", items=2)
    main(model, [dataset, dataclasses.replace(dataset)], tmp_path / "a.parquet", settings)
    table = pd.read_parquet(tmp_path / "a.parquet")
    assert len(table) == 2 * 2 * 16 and not (tmp_path / ".a.progress").exists()
