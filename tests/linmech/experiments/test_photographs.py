"""Real photographs, end to end: a folder in COCO-Spatial's layout, asked of a model with random weights."""

import pytest

import read_photographs
import tiny
from linmech.experiments.progress import Progress
from linmech.experiments.swapping import Settings, swap_all
from linmech.models.framing import unseen
from linmech.models.vlm import load_model
from linmech.stimuli.datasets import Dataset


@pytest.fixture(scope="module")
def photographs(shared_data, tmp_path_factory) -> Dataset:
    folder = tmp_path_factory.mktemp("photographs") / "coco"
    read_photographs.main(shared_data / "minicoco", folder)
    return Dataset(folder)


@pytest.fixture(scope="module")
def padded(tmp_path_factory):
    """The tiny LLaVA, which is shown whole photographs."""
    return load_model(tiny.llava_folder(tmp_path_factory.mktemp("padded")), pad_to_square=True)


@pytest.mark.parametrize("whole", [True, False])
def test_every_item_of_a_kind_that_is_seen_is_asked_and_counted(photographs, padded, whole, tmp_path, capsys):
    vlm = padded if whole else tiny.llava()
    for kind in ("left-right", "above-below"):
        every = photographs.items(kind)
        wanted = {item.id for item in every if whole or not unseen(vlm, item)}
        settings = Settings("mirror", kind=kind, items=0, layers=(2,), selectors=("image+text", "nouns"), min_mass=0.9)
        table = swap_all(vlm, photographs, settings, Progress(tmp_path / kind, "k"))
        assert set(table["item"]) == wanted and wanted, "also where the answers hold little probability"
        told = (
            f"swapping.experiments.mirror: in {len(every) - len(wanted)} of {len(every)} questions the centre of a noun"
        )
        assert (told in capsys.readouterr().out) == (not whole)
        assert table["undecided"].all()
        swapped = table[table["selector"] == "image+text"].set_index("item")
        donors = table[table["run"] == "donor"].set_index("item")
        assert (swapped["d_after"] - donors["d_after"]).abs().max() < 1e-4, "all of it is the run about the mirror"
    assert len(photographs.items()) == 66
