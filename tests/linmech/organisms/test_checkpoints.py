"""Laws of the steps after which a training leaves its model."""

import pytest

from linmech.errors import LinmechError
from linmech.organisms.checkpoints import checkpoint_steps
from linmech.organisms.recipe import Recipe

PHASES = {"encoder": 1400, "decoder": 1000, "joint": 100}


def test_a_number_of_checkpoints_stands_on_a_log_scale_after_the_first_phase():
    assert checkpoint_steps(3, PHASES) == [1411, 1510, 2500]
    assert checkpoint_steps(1, PHASES) == [2500]
    twelve = checkpoint_steps(12, Recipe(decoder_steps=1100).phases())
    gaps = [later / earlier for earlier, later in zip(twelve, twelve[1:], strict=False)]
    assert len(twelve) == 12 and twelve[0] == 1611 and twelve[-1] == 2700 and max(gaps) < 1.2


def test_shares_are_of_all_steps_in_their_order():
    assert checkpoint_steps([1, 0.5, 0.0001], PHASES) == [1, 1250, 2500]
    assert checkpoint_steps([], PHASES) == checkpoint_steps((), PHASES) == []


@pytest.mark.parametrize(("asked", "decoder"), [(12, 20), ([0.1, 0.1001], 20), (1, 0)])
def test_checkpoints_that_fall_on_one_step_are_told(asked, decoder):
    with pytest.raises(LinmechError, match="config key checkpoints is .*two fall on one of the .* ask for fewer"):
        checkpoint_steps(asked, {"encoder": 10, "decoder": decoder, "joint": 0})
