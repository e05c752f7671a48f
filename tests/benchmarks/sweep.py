"""Steering sweep, 16 vectors x 6 layers on one prompt: ours, plain hooks, nnsight and the released code's pattern.

    python tests/benchmarks/sweep.py --shape mid [--device cuda --dtype bfloat16] [--layers 6 --vectors 16] [--nnsight]

All run in this process on the same model and prompt; each starts from the preprocessed prompt and ends with the
log-probabilities of the next token. The baselines time `--sample` edits and are scaled to all of them.
"""

import torch
from clock import arguments, report, timed
from shapes import SHAPES, build, image

from linmech.engine.fan_out import fanned_log_probs
from linmech.engine.interventions import Intervention
from linmech.engine.prefix import Prefill
from linmech.models.encoding import Encoded, encode, positions
from linmech.models.vlm import VLM
from linmech.questions.asking import ask


def plan(vlm: VLM, encoded: Encoded, layers: int, vectors: int) -> list[Intervention]:
    """`vectors` random directions of one token norm at `layers` layers spread over the depth."""
    place = tuple(positions(encoded, 0, "subject", vlm))
    draw = torch.Generator().manual_seed(0)
    steps = [max(1, round((i + 1) * vlm.n_layers / (layers + 1))) for i in range(layers)]
    directions = torch.nn.functional.normalize(torch.randn(vectors, vlm.hidden, generator=draw), dim=-1)
    return [Intervention(layer, place, v, strength=5.0, relative=True) for layer in steps for v in directions]


def ours(vlm: VLM, encoded: Encoded, edits: list[Intervention], pieces: torch.Tensor) -> torch.Tensor:
    """linmech: one pass of the prompt, one fanned-out pass of its suffix."""
    return fanned_log_probs(Prefill.of(vlm, encoded.inputs), [(edit,) for edit in edits], pieces, 1)[:, 0]


def changed(edit: Intervention, output: torch.Tensor) -> torch.Tensor:
    """The layer's output (1 token hidden) with the edit applied."""
    return edit.apply(output[0], output[0])[None]


def hooks(vlm: VLM, encoded: Encoded, edits: list[Intervention], pieces: torch.Tensor) -> torch.Tensor:
    """One full forward pass per edit, with one hook; logits of the last token only."""
    found = []
    for edit in edits:
        handle = vlm.layers[edit.layer - 1].register_forward_hook(lambda m, a, out, edit=edit: changed(edit, out))
        logits = vlm.model(**encoded.inputs, use_cache=False, logits_to_keep=1).logits[0, -1]
        handle.remove()
        found.append(logits.float().log_softmax(-1)[pieces])
    return torch.stack(found)


def released(vlm: VLM, encoded: Encoded, edits: list[Intervention], pieces: torch.Tensor) -> torch.Tensor:
    """The pattern of the paper's code: a clean and an edited pass per edit, logits of every token."""
    found = []
    for edit in edits:
        vlm.model(**encoded.inputs, use_cache=False)
        handle = vlm.layers[edit.layer - 1].register_forward_hook(lambda m, a, out, edit=edit: changed(edit, out))
        logits = vlm.model(**encoded.inputs, use_cache=False).logits
        handle.remove()
        found.append(logits.float().log_softmax(-1)[0, -1, pieces])
    return torch.stack(found)


def with_nnsight(vlm: VLM, encoded: Encoded, edits: list[Intervention], pieces: torch.Tensor) -> torch.Tensor:
    """nnsight's tracing, one trace per edit."""
    from nnsight import NNsight

    model, found = NNsight(vlm.model), []
    for edit in edits:
        vector, place = edit.vector.to(vlm.device, vlm.dtype), edit.positions[0]
        with model.trace(**encoded.inputs, use_cache=False, logits_to_keep=1):
            block = model.model.language_model.layers[edit.layer - 1]
            h = block.output[0, place].clone()
            block.output[0, place] = h + edit.strength * h.norm() * vector
            logits = model.output.logits.save()
        found.append(logits[0, -1].float().log_softmax(-1)[pieces])
    return torch.stack(found)


def main() -> None:
    """Print a table and one line of JSON."""
    given = arguments(
        __doc__, sample=12, layers={"type": int, "default": 6}, vectors={"type": int, "default": 16},
        nnsight={"action": "store_true", "help": "run nnsight too (uv pip install nnsight)"},
    )  # fmt: skip
    vlm = build(given.shape, getattr(torch, given.dtype), given.device)
    encoded = encode(vlm, [image(given.shape)], [ask("left-right", "teddy bear", "car")])
    edits = plan(vlm, encoded, given.layers, given.vectors)
    sample = edits[:: max(1, len(edits) // given.sample)]
    which = [edits.index(edit) for edit in sample]
    pieces = torch.arange(0, SHAPES[given.shape].vocabulary, 97, device=vlm.device)
    others = {"plain hooks": hooks, "released pattern": released} | ({"nnsight": with_nnsight} if given.nnsight else {})
    with torch.inference_mode():
        clean = vlm.model(**encoded.inputs, logits_to_keep=1).logits[0, -1].float().log_softmax(-1)[pieces]
        seconds, found = timed(lambda: ours(vlm, encoded, edits, pieces), given.repeats, given.device)
        rows, errors = {"linmech": seconds}, {}
        for name, run in others.items():
            run(vlm, encoded, sample[:1], pieces)
            spent, other = timed(lambda run=run: run(vlm, encoded, sample, pieces), 1, given.device)
            rows[name] = [s * len(edits) / len(sample) for s in spent]
            errors[name] = float((other - found[which]).abs().max())
    effect = float((found - clean).abs().max())
    report(given, f"{encoded.lengths[0]} tokens, {len(edits)} edits; effect {effect:.2g} nats", rows, errors)


if __name__ == "__main__":
    main()
