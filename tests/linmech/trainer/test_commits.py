"""Laws of commits: the last whole one is taken up, by the training that it belongs to."""

import pytest
import torch

from damage import flipped
from linmech.errors import LinmechError
from linmech.trainer import commits as module
from linmech.trainer.commits import Commits

IDENTITY = {"seed": 0, "recipe": {"steps": 3, "rate": 0.1}, "checkpoints": (0.5, 1)}
TENSORS = {"a": torch.randn(3, 4).T, "step": torch.tensor(3.0)}


@pytest.fixture
def clock(monkeypatch) -> list[float]:
    """The time, to be set."""
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def test_a_commit_is_what_the_next_run_finds(tmp_path):
    assert (Commits(tmp_path / "w", IDENTITY).state, Commits(tmp_path / "w", IDENTITY).tensors) == ({}, {})
    Commits(tmp_path / "w", IDENTITY).commit({"trained": 7, "recent": [{"row": [1, 3]}], "curve": [0.1]}, TENSORS)
    found = Commits(tmp_path / "w", IDENTITY)
    assert found.state.pop("seconds") >= 0
    assert found.state == {"trained": 7, "recent": [{"row": [1, 3]}], "curve": [0.1]}
    assert set(found.tensors) == set(TENSORS) and all(
        torch.equal(found.tensors[name], TENSORS[name]) for name in TENSORS
    )


@pytest.mark.parametrize("changed", ["seed", "recipe", "checkpoints"])
def test_another_training_finds_nothing_and_a_line_says_what_changed(tmp_path, capfd, changed):
    Commits(tmp_path / "w", IDENTITY).commit({"trained": 7}, TENSORS)
    (tmp_path / "w/train.npz").touch()
    found = Commits(tmp_path / "w", IDENTITY | {changed: 5})
    assert (found.state, found.tensors) == ({}, {}) and not (tmp_path / "w/train.npz").exists()
    said = capfd.readouterr().out
    assert f"starting over, because another training left it ({changed} changed)" in said and said.count("\n") == 1


def test_a_folder_without_an_identity_is_not_taken_up(tmp_path):
    before = Commits(tmp_path / "w", IDENTITY)
    before.commit({"trained": 7}, TENSORS)
    (tmp_path / "w/identity.json").unlink()
    assert Commits(tmp_path / "w", IDENTITY).state == {}


def test_what_a_kill_left_half_written_is_removed(tmp_path):
    Commits(tmp_path / "w", IDENTITY).commit({"trained": 7}, TENSORS)
    (tmp_path / "w/checkpoints/.00.partial-1").mkdir(parents=True)
    (tmp_path / "w/.state.partial-1.safetensors").touch()
    assert Commits(tmp_path / "w", IDENTITY).state["trained"] == 7
    assert sorted(path.name for path in (tmp_path / "w").rglob("*")) == [
        "checkpoints", "identity.json", "state.safetensors"
    ]  # fmt: skip


def test_a_damaged_commit_gives_one_line_with_the_cure(tmp_path):
    Commits(tmp_path / "w", IDENTITY).commit({"trained": 7}, TENSORS)
    path = tmp_path / "w/state.safetensors"
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(LinmechError, match=rf"{path} is damaged .*: delete {tmp_path / 'w'} and run the job again"):
        Commits(tmp_path / "w", IDENTITY)


def test_no_flipped_byte_of_a_commit_becomes_a_number(tmp_path):
    state = {"trained": 7, "curve": [0.125]}
    Commits(tmp_path / "w", IDENTITY).commit(state, TENSORS | {"half": torch.randn(9).bfloat16()})
    whole, refused = Commits(tmp_path / "w", IDENTITY), 0
    for _ in flipped(tmp_path / "w/state.safetensors", 1):
        try:
            found = Commits(tmp_path / "w", IDENTITY)
        except LinmechError:
            refused += 1
            continue
        assert found.state == whole.state and set(found.tensors) == set(whole.tensors)
        assert all(torch.equal(found.tensors[name], tensor) for name, tensor in whole.tensors.items())
    assert refused > 150


def test_the_seconds_of_all_runs_count_up_to_their_last_commits(tmp_path, clock):
    one = Commits(tmp_path / "w", IDENTITY)
    clock[0] += 30
    one.commit({}, TENSORS)
    clock[0] += 10  # lost: killed before the next commit
    two = Commits(tmp_path / "w", IDENTITY)
    clock[0] += 5
    assert two.seconds() == 35
    two.commit({}, TENSORS)
    assert Commits(tmp_path / "w", IDENTITY).seconds() == 35


def test_a_commit_is_due_about_every_minute(tmp_path, clock):
    commits = Commits(tmp_path / "w", IDENTITY)
    clock[0] += 59
    assert not commits.is_due()
    clock[0] += 1
    assert commits.is_due()
    commits.commit({}, TENSORS)
    assert not commits.is_due()


def test_a_training_that_is_over_leaves_no_folder(tmp_path):
    commits = Commits(tmp_path / "w", IDENTITY)
    commits.commit({}, TENSORS)
    commits.discard()
    commits.discard()
    assert not list(tmp_path.iterdir())
