"""Laws of position tables: each family's tower tells its own, averaged over cells."""

import numpy as np
import pytest
import torch
from PIL import Image

import families
from families import NOUNS
from linmech.errors import LinmechError
from linmech.models.encoding import encode
from linmech.models.position_tables import _areas, position_table, repositioned, seen_whole, side_of
from linmech.questions.asking import ask

KINDS = {
    "llava": "table", "internvl": "table", "gemma3": "table", "mllama": "table", "llava_onevision": "table",
    "qwen2_vl": "rotary", "qwen2_5_vl": "rotary", "video_llama_3": "rotary",
}  # fmt: skip


@pytest.mark.parametrize("family", KINDS)
def test_every_familys_tower_has_a_table_or_waves(family):
    kind, table = position_table(families.load(family), 64, 2)
    assert kind == KINDS[family] and table.shape[:2] == (2, 2) and np.isfinite(table).all() and table.std() > 0


def test_a_table_is_the_towers_own_rows_less_the_class_tokens():
    vlm = families.load("internvl")
    rows = next(part for name, part in vlm.model.named_parameters() if name.endswith("position_embeddings"))[0]
    _, table = position_table(vlm, 64, 4)
    np.testing.assert_allclose(table[3, 1], rows[1 + 1 * 4 + 3].numpy(), atol=1e-6)  # column 3, row 1
    np.testing.assert_allclose(position_table(vlm, 64, 2)[1][0, 1], table[:2, 2:].mean((0, 1)), atol=1e-6)


def test_a_tower_that_tells_all_patches_the_same_has_no_positions():
    vlm = families.load("llava")
    table = next(part for name, part in vlm.model.named_parameters() if name.endswith("position_embedding.weight"))
    before = table.detach().clone()
    try:
        with torch.no_grad():
            table[:] = table[0].clone()
        with pytest.raises(LinmechError, match="tells all patches the same position"):
            position_table(vlm, 64, 2)
    finally:
        with torch.no_grad():
            table.copy_(before)


def test_rotary_columns_differ_in_x_alone():
    _, table = position_table(families.load("qwen2_vl"), 64, 2)
    half = table.shape[-1] // 2
    np.testing.assert_allclose(table[0, 0, half:], table[1, 0, half:])
    assert np.abs(table[0, 0, :half] - table[1, 0, :half]).max() > 0.01


def test_shares_of_patches_add_up_whatever_their_number():
    for patches, cells in ((24, 8), (14, 8), (5, 8), (8, 8)):
        shares = _areas(patches, cells)
        np.testing.assert_allclose(shares.sum(1), 1)
        np.testing.assert_allclose(shares @ ((np.arange(patches) + 0.5) / patches), (np.arange(cells) + 0.5) / cells,
                                   atol=0.5 / patches)  # fmt: skip


def test_a_tower_that_is_told_other_positions_has_them_exchanged_and_is_itself_again():
    for family, side in (("llava", 3), ("internvl", 4)):
        vlm = families.load(family)
        assert side_of(vlm) == side, family
        before = position_table(vlm, 64, side)[1]
        with (
            pytest.raises(RuntimeError, match="left early"),
            repositioned(vlm, np.arange(side**2).reshape(side, side)[:, ::-1]),
        ):
            np.testing.assert_array_equal(position_table(vlm, 64, side)[1], before[::-1])
            raise RuntimeError("left early")
        np.testing.assert_array_equal(position_table(vlm, 64, side)[1], before)
    assert side_of(families.load("qwen2_vl")) == 0


def test_a_picture_is_seen_whole_where_it_is_square_and_not_cut_into_tiles():
    asked = [ask("left-right", *NOUNS[:2])]
    for family, tiled in (("llava", False), ("gemma3", False), ("llava_onevision", True)):
        vlm = families.load(family)
        square, wide = (encode(vlm, [Image.new("RGB", size)], asked) for size in ((64, 64), (96, 48)))
        assert seen_whole(square, 64, 64) != tiled and not seen_whole(wide, 96, 48), family
    assert not seen_whole(encode(vlm, [None], asked), 64, 64)
