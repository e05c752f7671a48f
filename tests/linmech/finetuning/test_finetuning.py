"""Laws of a run: plain is plain finetuning, all arms see the same, a killed run goes on, the test is opened once."""

import copy
import random
import sys
from dataclasses import replace

import accelerate
import pandas as pd
import pytest
import torch

import families
import tiny
from configured import ROOT
from finetuned import folder_of, random_ids, settings
from killing import killed
from linmech.engine.beliefs import log_probs
from linmech.errors import LinmechError
from linmech.finetuning.arms import ARMS
from linmech.finetuning.batches import Batches
from linmech.finetuning.exam import Exam
from linmech.finetuning.training import Lessons, finetune, rounded
from linmech.ids.files import save_ids
from linmech.models.declared import Declared
from linmech.models.encoding import encode
from linmech.models.vlm import load_model
from linmech.questions.answers import answer_forms
from linmech.stimuli.datasets import Dataset
from linmech.stimuli.items import question
from linmech.trainer.commits import Commits
from linmech.trainer.loop import Phase
from linmech.trainer.schedule import schedule

sys.path.insert(0, str(ROOT / "scripts"))
from finetune_model import main


@pytest.fixture
def trained(vlm, grid, pairs, tmp_path):
    """A run of some settings, from the same start."""

    def run(**changes):
        own = replace(vlm, model=copy.deepcopy(vlm.model))
        commits = Commits(tmp_path / "-".join(map(str, changes.values())), {"run": changes})
        return finetune(own, random_ids(), grid, [pairs], settings(**changes), commits)

    return run


def test_plain_is_plain_finetuning_bit_for_bit_and_so_is_a_weight_of_0(trained, vlm, grid):
    asked = settings(arm="plain")
    own = copy.deepcopy(vlm.model)
    weights = {name: one for name, one in own.named_parameters() if "vision_tower.encoder.layers.1.mlp" in name}
    for one in weights.values():
        one.requires_grad_(True)
    optimiser = torch.optim.AdamW(weights.values(), lr=asked.rate, weight_decay=0.01)
    batches = Batches(grid.items(), asked.kinds, 0, 0)
    for step in range(asked.steps):
        items, order = batches.at(step)
        inputs = encode(vlm, [grid.visual(item.visual) for item in items], [question(item, order) for item in items])
        known = [row for row, item in enumerate(items) if item.answer]
        last = [inputs.lengths[row] - 1 for row in known]
        states = own.base_model(**inputs.inputs, use_cache=False).last_hidden_state[known, last]
        options = inputs.questions[0].options
        forms = [answer_forms(vlm.tokenizer, word, inputs.prompts[0]) for word in options]
        forms = [[form[0] for form in own_forms if len(form) == 1] for own_forms in forms]
        pieces = torch.tensor(sum(forms, []))
        true = torch.tensor([[piece in forms[options.index(items[row].answer)] for piece in pieces] for row in known])
        log_p = log_probs(replace(vlm, model=own), states, pieces)
        loss = -log_p.masked_fill(~true, -torch.inf).logsumexp(-1).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights.values(), 1.0)
        for group in optimiser.param_groups:
            group["lr"] = asked.rate * schedule(step, asked.steps, asked.warmup)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
    plain, nothing = trained(arm="plain", every=4), trained(arm="ids", weight=0, every=4)
    ends = {"plain": last_weights(trained, "plain"), "nothing": last_weights(trained, "ids", weight=0)}
    for name, one in weights.items():
        assert torch.equal(ends["plain"][name], one)
        assert torch.equal(ends["plain"][name], ends["nothing"][name])
    assert plain.rows == nothing.rows and not torch.equal(ends["plain"][name], vlm.model.get_parameter(name))


def last_weights(trained, arm: str, **changes) -> dict[str, torch.Tensor]:
    """The weights after the last step, whichever was chosen."""
    found = {}
    genuine = Phase.descend

    def spy(phase, share):
        genuine(phase, share)
        found["after"] = [one.detach().clone() for one in phase.optimisers[0][0].param_groups[0]["params"]]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Phase, "descend", spy)
        kept = trained(arm=arm, every=3, **changes).weights
    names = [name for name, _ in tiny.llava().model.named_parameters() if name in kept]
    return dict(zip(names, found["after"], strict=False))


def test_all_arms_see_the_same_batches_and_start_alike(trained):
    runs = {arm: trained(arm=arm) for arm in ARMS}
    assert len({run.batches for run in runs.values()}) == 1
    first = {
        arm: [row for row in run.rows if row[0] <= 1 and row[1] in ("train", "validation") and row[3] != "own"]
        for arm, run in runs.items()
    }
    assert len(first["plain"]) == 5 and all(rows == first["plain"] for rows in first.values()), (
        "before a step nothing differs"
    )
    assert trained(arm="ids", run=1).batches != runs["ids"].batches
    ends = [run.rows[-1] for run in runs.values()]
    losses = {arm: [row[4] for row in run.rows if row[3] == "answer"][-1] for arm, run in runs.items()}
    assert len(set(losses.values())) == len(ARMS), "after some steps all differ"
    assert all(row[1] == "test" for row in ends)


def test_the_id_loss_draws_the_nouns_of_a_batch_to_their_ids_and_shuffled_ones_do_not(trained, monkeypatch):
    genuine = Batches.at
    monkeypatch.setattr(Batches, "at", lambda self, number: genuine(self, 0))

    def fall(arm):
        own = [row[4] for row in trained(arm=arm, steps=25, every=25, weight=10.0, trains="vision").rows
               if row[3] == "ids"]  # fmt: skip
        return own[0] - own[-1]

    assert fall("ids") > 0.1 and fall("ids") > fall("shuffled") + 0.1


def test_the_test_is_opened_once_when_all_is_trained_and_chooses_nothing(trained, pairs, monkeypatch):
    seen, genuine = [], Dataset.visual
    monkeypatch.setattr(Dataset, "visual", lambda self, name, *rest: seen.append((self.name, name)) or genuine(
        self, name, *rest))  # fmt: skip
    run = trained(arm="ids", items=0)
    vlm = tiny.llava()
    halves = [{item.visual for item in Exam(vlm, pairs, settings().kinds, half, 0, 0).items} for half in
              ("validation", "test")]  # fmt: skip
    assert not halves[0] & halves[1] and all(halves)
    lessons = max(number for number, (name, _) in enumerate(seen) if name == "lessons")
    opened = [number for number, (name, visual) in enumerate(seen) if name == "pairs" and visual in halves[1]]
    assert min(opened) > lessons
    table = pd.DataFrame(run.rows, columns=["step", "what", "dataset", "measure", "value", "items"])
    right = table[(table["what"] == "validation") & (table["measure"] == "accuracy")].set_index("step")["value"]
    chosen = table[table["what"] == "chosen"]["value"].item()
    assert right[chosen] == right.max() and list(right.index) == [0, 2, 4]
    assert set(table[table["what"] == "test"]["step"]) == {chosen}


def test_a_step_of_several_batches_takes_as_many(trained):
    run = trained(arm="plain", accumulate=3, steps=2)
    assert [row[5] for row in run.rows if row[3] == "answer"] == [3, 3]


def test_ids_of_another_width_are_told(vlm, grid, pairs, tmp_path):
    with pytest.raises(LinmechError, match="start from a checkpoint of the same model"):
        finetune(vlm, random_ids(hidden=8), grid, [pairs], settings(), Commits(tmp_path / "w", {}))


@pytest.mark.parametrize("family", ["qwen2_vl", "mllama", "gemma3"])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_other_families_are_trained_alike_in_half_precision_too(family, dtype, grid, pairs, tmp_path):
    vlm = load_model(families.save(family, tmp_path), dtype=dtype)
    ids = random_ids(hidden=families.HIDDEN)
    run = finetune(vlm, ids, grid, [pairs], settings(steps=2, trains="vision-mlps(2)"), Commits(tmp_path / "w", {}))
    assert all(one.dtype == torch.float32 for one in run.weights.values())
    assert all(torch.isfinite(one).all() for one in run.weights.values())
    assert any("forward" in part.__dict__ for part in [vlm.model]) is False, "autocast is over"
    lessons = Lessons(vlm, ids, grid, settings())
    with rounded(vlm, dtype == "bfloat16"):
        assert lessons.run(*lessons.batches.at(0))[0].shape == (15, families.HIDDEN)


def test_a_model_that_accelerate_spreads_over_devices_is_trained_alike(vlm, grid, pairs, tmp_path):
    """As `device: auto` does over all GPUs, here with one device under several names: the same hooks on its parts."""
    parts = ["model.vision_tower", "model.multi_modal_projector", "model.language_model", "lm_head"]
    spread = accelerate.dispatch_model(copy.deepcopy(vlm.model), dict.fromkeys(parts, "cpu"), force_hooks=True)
    placed = replace(vlm, model=spread)
    assert all(hasattr(placed.model.get_submodule(part), "_hf_hook") for part in parts)
    runs = [
        finetune(each, random_ids(), grid, [pairs], settings(arm="places", steps=2), Commits(tmp_path / name, {}))
        for name, each in (("plain", vlm), ("placed", placed))
    ]
    assert runs[0].rows == runs[1].rows
    assert all(torch.equal(one, runs[1].weights[name]) for name, one in runs[0].weights.items())


@pytest.fixture
def job(vlm, grid, pairs, tmp_path):
    """`main` of the script, into a folder."""
    model = Declared("tiny", str(vlm.folder), tiny.LAYERS).identified()
    save_ids(tmp_path / "ids.h5", [random_ids(fingerprint=model.fingerprint)])

    def run(name: str, source: str = "", every: float = 60, **changes):
        table = tmp_path / name / "0.parquet"
        main(model, source, tmp_path / "ids.h5", grid, [pairs], table, table.with_suffix(".safetensors"),
             settings(**changes), every)  # fmt: skip
        return {path.name: path.read_bytes() for path in sorted(table.parent.iterdir()) if path.is_file()}

    return run


@pytest.mark.filterwarnings("ignore:This process.*fork:DeprecationWarning")
def test_kill_9_at_random_moments_leaves_the_bytes_of_an_undisturbed_run(job, tmp_path):
    arm = "places"  # which trains a head beside the model
    calm = job("calm", arm=arm)
    draw, kills = random.Random(0), 0
    while killed(lambda: job("storm", arm=arm, every=0), draw.uniform(0.02, 0.15 + 0.05 * kills)):
        kills += 1
        assert kills < 60, "the run makes no headway"
    storm = {path.name: path.read_bytes() for path in (tmp_path / "storm").iterdir() if path.is_file()}
    assert kills and storm == calm
    assert not folder_of(tmp_path / "storm").exists()


def test_a_run_may_start_from_another_checkpoint_of_the_model(job, tmp_path):
    other = tiny.llava_folder(tmp_path / "other", seed=3)
    assert job("one", steps=1) != job("two", source=str(other), steps=1)
