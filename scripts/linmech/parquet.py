"""Tables as parquet files that know their own contents: a byte that flipped on the disk is an error, not a number."""

import hashlib
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from linmech.errors import LinmechError
from linmech.files import atomic

CONTENTS = b"linmech_contents"


def write_parquet(table: pd.DataFrame, path: str | Path) -> None:
    """Write a table without its index, whole or not at all, with a hash of names, types and values in its metadata."""
    made = pa.Table.from_pandas(table, preserve_index=False)
    known = {**(made.schema.metadata or {}), CONTENTS: _contents(made.to_pandas())}
    with atomic(path) as partial:
        parquet.write_table(made.replace_schema_metadata(known), partial)


def read_parquet(path: str | Path) -> pd.DataFrame:
    """The table in a file. LinmechError where it cannot be read, or does not hold what was written.

    A file that another program wrote has no hash, and is read as it is.
    """
    try:
        found = parquet.read_table(path)
        table, told = found.to_pandas(), (found.schema.metadata or {}).get(CONTENTS)
        whole = told is None or told == _contents(table)
    except (OSError, ValueError, TypeError, KeyError, pa.ArrowException) as error:
        raise LinmechError(f"{path}: not a readable table ({error}): delete it and run again") from error
    if not whole:
        raise LinmechError(f"{path} is damaged (it does not hold what was written): delete it and run again")
    return table


def _contents(table: pd.DataFrame) -> bytes:
    """Hex SHA-256 of a table's names, types and values in their order."""
    total = hashlib.sha256(repr([(str(name), str(table[name].dtype)) for name in table]).encode())
    total.update(pd.util.hash_pandas_object(table, index=False).to_numpy().tobytes())
    return total.hexdigest().encode()
