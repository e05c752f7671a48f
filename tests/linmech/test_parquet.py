"""Laws of tables on disk: what goes in comes out, and no flipped byte becomes a number."""

import numpy as np
import pandas as pd
import pytest

from damage import flipped
from linmech.errors import LinmechError
from linmech.parquet import read_parquet, write_parquet


@pytest.fixture
def table():
    draw = np.random.default_rng(0)
    columns = {"item": [f"{n}#0" for n in range(40)], "d": draw.normal(size=40), "layer": np.arange(40)}
    return pd.DataFrame(columns | {"undecided": draw.random(40) < 0.5, "delta_sd": np.nan, "note": ["é", None] * 20})


def test_what_goes_in_comes_out_and_the_index_does_not(table, tmp_path):
    write_parquet(table.set_axis(range(5, 45)), tmp_path / "t.parquet")
    pd.testing.assert_frame_equal(read_parquet(tmp_path / "t.parquet"), table)
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "t.parquet"), table)
    write_parquet(table[:0], tmp_path / "empty.parquet")
    assert list(read_parquet(tmp_path / "empty.parquet")) == list(table)


def test_no_flipped_byte_becomes_a_number(table, tmp_path):
    path = tmp_path / "t.parquet"
    write_parquet(table, path)
    refused = 0
    for _ in flipped(path, max(1, path.stat().st_size // 150)):
        try:
            pd.testing.assert_frame_equal(read_parquet(path), table)  # a byte that says nothing
        except LinmechError as error:
            refused += 1
            assert "delete it and run again" in str(error)
    assert refused > 30


def test_a_table_of_another_program_is_read_and_what_is_no_table_is_refused(table, tmp_path):
    table.to_parquet(tmp_path / "t.parquet", index=False)
    pd.testing.assert_frame_equal(read_parquet(tmp_path / "t.parquet"), table)
    for content in (b"", b"PAR1", (tmp_path / "t.parquet").read_bytes()[:-20]):
        (tmp_path / "bad.parquet").write_bytes(content)
        with pytest.raises(LinmechError, match="not a readable table"):
            read_parquet(tmp_path / "bad.parquet")
