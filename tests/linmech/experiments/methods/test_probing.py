"""Laws of the probe: a planted line is found whatever the noun, and none where there is none."""

import numpy as np
import pytest

from linmech.errors import LinmechError
from linmech.experiments.methods.probing import fit, fit_probes
from linmech.ids.design import describe_rows


def test_a_planted_line_is_found_and_margins_are_in_cells(planted):
    items, truth, index, values = planted
    table = describe_rows(index, items, ["column"])
    probe = fit(values, table["column"].to_numpy(float), table["noun"].tolist())
    assert 0.5 < probe.r2 < 1
    cells = truth["ids"].mean(axis=1)
    assert 2 < probe.margin(cells[[3, 0]]) < 3.2, "less than 3 by the penalty"
    assert probe.margin(cells[[0, 3]]) == pytest.approx(-probe.margin(cells[[3, 0]]))


def test_of_residuals_that_say_nothing_nothing_is_read(planted):
    items, _, index, values = planted
    table = describe_rows(index, items, ["column"])
    noise = np.random.default_rng(0).normal(size=values.shape).astype(np.float32)
    probe = fit(noise, table["column"].to_numpy(float), table["noun"].tolist())
    assert abs(probe.r2) < 0.05 and np.linalg.norm(probe.weights) < 0.1
    constant = fit(0 * noise, table["column"].to_numpy(float), table["noun"].tolist())
    assert not constant.weights.any()


def test_probes_are_of_the_model_whose_files_they_are(planted, tmp_path):
    with pytest.raises(LinmechError, match="is not there"):
        fit_probes([tmp_path / "layer_0.h5"], planted[0], [0], "f", "column")
