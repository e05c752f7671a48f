"""Laws of the arms: controls have the lengths of the true IDs, drawn once per run."""

import numpy as np
import yaml

from configured import ROOT, SCHEMA
from linmech.config.reading import read
from linmech.figures.finetuned import tables
from linmech.finetuning.arms import ARMS, targets

IDS = np.random.default_rng(0).standard_normal((4, 4, 6))


def test_the_true_ids_are_what_nothing_is_done_to():
    for arm in ("plain", "ids", "places"):
        np.testing.assert_array_equal(targets(IDS, arm, 0, 3), IDS)


def test_shuffled_ids_are_the_same_vectors_at_other_cells_and_random_ones_other_vectors_of_the_same_norms():
    shuffled, random = targets(IDS, "shuffled", 0, 0), targets(IDS, "random", 0, 0)
    assert not np.array_equal(shuffled, IDS)
    np.testing.assert_array_equal(np.sort(shuffled.reshape(16, 6), 0), np.sort(IDS.reshape(16, 6), 0))
    np.testing.assert_allclose(np.linalg.norm(random, axis=-1), np.linalg.norm(IDS, axis=-1))
    for arm in ("shuffled", "random"):
        assert not np.array_equal(targets(IDS, arm, 0, 0), targets(IDS, arm, 0, 1))
        np.testing.assert_array_equal(targets(IDS, arm, 0, 1), targets(IDS, arm, 0, 1))


def test_the_arms_of_the_schema_the_default_run_and_the_figures_are_these():
    schema = yaml.safe_load(SCHEMA.read_text())["properties"]["finetuning"]["properties"]["experiments"]
    assert schema["additionalProperties"]["properties"]["arms"]["items"]["enum"] == list(ARMS)
    assert read(ROOT / "config.yaml")["finetuning"]["experiments"]["spatial-ids"]["arms"] == list(ARMS)
    assert list(tables.ARMS) == list(ARMS)
