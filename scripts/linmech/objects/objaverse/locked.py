"""Objects from Objaverse 1.0: nouns -> LVIS categories -> meshes, with a lock file that fixes which mesh a noun means.

A mesh that cannot be had is replaced by the next of its category. The lock file (noun, uid, licence, sha256, category,
source) is written as meshes arrive; a later run verifies it, whatever the seed, and needs no network when all meshes
are there.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from linmech import seeds
from linmech.errors import LinmechError
from linmech.files import sha256
from linmech.objects.index import COLUMNS, portable, read_table, write_table
from linmech.objects.objaverse.catalogue import (
    SPDX,
    Objaverse,
    category_of,
    check_shape,
    download,
    find,
    load_lvis,
    load_notes,
    package,
)
from linmech.suggestions import suggest

LOCK = ["noun", "uid", "licence", "sha256", "category", "source"]


def collect(nouns: Sequence[str], wanted: Objaverse) -> pd.DataFrame:
    """The index (see `objects`) of one mesh per noun, downloaded where it is not there yet.

    LinmechError, after all nouns have been tried, naming those that got no mesh and why; at once for an unknown noun or
    licence. Meshes that were downloaded stay, so that the next run continues where this one stopped.
    """
    for licence in wanted.licences:
        if licence not in SPDX:
            raise LinmechError(
                f"config key objects.objaverse.licences: {licence!r} is unknown; {suggest(licence, SPDX)}"
            )
    if not nouns:
        raise LinmechError(
            "config key objects.nouns is empty, and objects.source is objaverse; name the nouns to download"
        )
    lock = read_lock(wanted.lock)
    rows, failures = [], []
    with package(wanted):
        new = [noun for noun in nouns if noun not in lock]
        lvis = load_lvis(wanted) if new else {}
        categories = {noun: category_of(noun, lvis, wanted.categories) for noun in new}
        for noun in tqdm(nouns, desc="objaverse", unit="object"):
            try:
                if noun not in lock:
                    lock[noun] = _choose(noun, categories[noun], lvis[categories[noun]], wanted)
                    write_table(pd.DataFrame([lock[key] for key in sorted(lock)], columns=LOCK), wanted.lock)
                rows.append(_verified(lock[noun], wanted))
            except LinmechError as error:
                failures.append(f"{noun}: {error}")
    if failures:
        raise LinmechError(
            f"objaverse: no mesh for {len(failures)} of {len(nouns)} nouns (run again to try these only): "
            f"{' | '.join(failures)}"
        )
    return pd.DataFrame(rows, columns=COLUMNS, dtype=str)


def read_lock(path: Path) -> dict[str, dict[str, str]]:
    """The lock file's rows by noun; none where it does not exist. LinmechError where it is malformed."""
    if not path.is_file():
        return {}
    table = read_table(path, LOCK[:4]).reindex(columns=LOCK, fill_value="")
    for uid in table.uid:
        if not re.fullmatch(r"[0-9a-f]{32}", uid):
            raise LinmechError(f"{path}: {uid!r} is no uid of Objaverse (32 hex digits); remove its line")
    return {row["noun"]: row for row in table.to_dict("records")}


def _choose(noun: str, category: str, uids: Sequence[str], wanted: Objaverse) -> dict[str, str]:
    """The lock's row of the first usable mesh, in an order drawn from seed and noun. LinmechError where none is."""
    failed, refused = [], 0
    for index in seeds.rng(wanted.seed, "objaverse", noun).permutation(len(uids)):
        uid = sorted(uids)[index]
        try:
            notes = load_notes(uid, wanted)
            if notes.get("license") not in wanted.licences:
                refused += 1
                continue
            path = find(uid, wanted) or download(uid, wanted)
            check_shape(path)
        except LinmechError as error:
            tqdm.write(f"objaverse: {noun}: object {uid} left out: {error}")
            failed.append(f"object {uid}: {error}")
            if len(failed) == wanted.per_noun:
                break
            continue
        author = (notes.get("user") or {}).get("displayName") or "unknown author"
        source = f"{author}, https://sketchfab.com/3d-models/{uid}"
        return dict(zip(LOCK, (noun, uid, notes["license"], sha256(path), category, source), strict=True))
    raise LinmechError(
        f"of {len(uids)} in category {category}, {refused} were refused for their licence "
        f"(allowed: {', '.join(wanted.licences)}), "
        f"{len(failed)} failed{': ' if failed else ''}{'; '.join(failed)}"
    )


def _verified(row: Mapping[str, str], wanted: Objaverse) -> dict[str, str]:
    """The index's row of a locked mesh, downloaded (again) where it is absent or has another hash than the lock's."""
    uid, cure = row["uid"], f"remove the line of {row['noun']!r} from {wanted.lock} to choose anew"
    if row["licence"] not in wanted.licences:
        raise LinmechError(f"object {uid} is locked, and its licence {row['licence']} is not allowed; {cure}")
    if row["category"] and wanted.categories.get(row["noun"], row["category"]) != row["category"]:
        raise LinmechError(f"object {uid} is locked, and its category is {row['category']}; {cure}")

    def check(partial: Path) -> None:
        if sha256(partial) != row["sha256"]:
            raise LinmechError(f"object {uid} does not have the sha256 of {wanted.lock}: the mesh was changed; {cure}")

    path = find(uid, wanted)
    if path is None or sha256(path) != row["sha256"]:
        path = download(uid, wanted, check)
    licence, source = SPDX[row["licence"]], row["source"] or f"https://sketchfab.com/3d-models/{uid}"
    return dict(zip(COLUMNS, (row["noun"], portable(path), "", licence, source, row["sha256"], "y"), strict=True))
