"""What Snakemake plans of a reading in shards: a job for each, merged layer by layer, and nothing else anew."""

import pytest

LAYERS, SHARDS = range(5), range(3)
TARGET = "results/ids/relation/a.h5"
MERGED = {f"results/activations/relation/a/layer_{layer}.h5" for layer in LAYERS}
PARTS = {f"results/shards/relation/a/{shard}/layer_{layer}.h5" for shard in SHARDS for layer in LAYERS}


@pytest.fixture
def sharded(project):
    """The finished project with `relation` cached in three shards, whose files are gone since they were merged."""
    reading = project.config()["activations"]["readings"]["relation"]
    project.config(lambda config: config["activations"]["readings"].update(relation=reading | {"shards": 1}))
    assert project.plan(TARGET) == set(), "one shard is none"
    project.config(lambda config: config["activations"]["readings"]["relation"].update(shards=len(SHARDS)))
    planned = project.plan(TARGET)
    assert planned == MERGED | PARTS | {TARGET}
    for file in PARTS:
        (project.folder / file).parent.mkdir(parents=True, exist_ok=True)
        (project.folder / file).write_text(f"{file}\n")
    ran = project.snakemake("--touch", "--force", "--cores", "1", *sorted(PARTS), *sorted(MERGED), TARGET)
    assert ran.returncode == 0, ran.stdout
    for file in PARTS:
        (project.folder / file).unlink(missing_ok=True)
    return project


def test_merged_shards_are_not_missed_until_something_behind_them_changes(sharded):
    assert sharded.plan(TARGET) == set()
    sharded.config(lambda config: config["activations"].update(workers=1, chunk=64))
    assert sharded.plan(TARGET) == set(), "how it is run is no reason"
    sharded.append("scripts/linmech/activations/extraction.py", "\n# an edit\n")
    assert sharded.plan(TARGET) == MERGED | PARTS | {TARGET}
