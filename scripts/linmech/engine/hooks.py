"""Read and change the residual stream during a forward pass.

Layer `l` is `resid_post[l]`: the output of block `l`, blocks counted from 1, so layer L is *before* the final norm;
layer 0 is what the first block receives: embeddings, image tokens in place. What is read at `l` is written at `l`.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from jaxtyping import Float
from torch import Tensor
from torch.nn import Module
from torch.nn.functional import pad

from linmech.errors import LinmechError
from linmech.models.vlm import VLM

Residual = Float[Tensor, "batch token hidden"]


@contextlib.contextmanager
def record(vlm: VLM, layers: Iterable[int]) -> Iterator[dict[int, Tensor]]:
    """Yield a dict that every forward pass inside the block fills with layer -> resid_post (batch token hidden).

    The tensors are the model's own, with their graph where gradients are on. Edits at the same layer are seen, in
    whatever order the two blocks were opened.
    """
    seen: dict[int, Tensor] = {}
    with contextlib.ExitStack() as stack:
        for layer in layers:
            stack.enter_context(_hooked(vlm, layer, partial(_store, seen, layer), first=False))
        yield seen


@contextlib.contextmanager
def edit(vlm: VLM, layer: int, change: Callable[[Residual], Residual]) -> Iterator[None]:
    """Replace resid_post[layer] by `change(resid_post[layer])` in every forward pass inside the block.

    `change` must return a new tensor and leave the one it gets as it is. Of two edits at one layer, the block opened
    last is applied first.
    """
    with _hooked(vlm, layer, change, first=True):
        yield


@contextlib.contextmanager
def last_tokens_only(vlm: VLM, places: int) -> Iterator[None]:
    """Let the last block's feed-forward part compute its last `places` tokens alone; to the others it adds zeros.

    All are computed where the block has no part named `mlp`.
    """
    part, tokens = getattr(vlm.layers[-1], "mlp", None), []
    with contextlib.ExitStack() as stack:
        if isinstance(part, Module):
            stack.callback(part.register_forward_pre_hook(partial(_cut, places, tokens)).remove)
            stack.callback(part.register_forward_hook(partial(_padded, tokens)).remove)
        yield


def _cut(places: int, tokens: list[int], part: Module, args: tuple) -> tuple:
    tokens.append(args[0].shape[1])
    return args[0][:, -places:], *args[1:]


def _padded(tokens: list[int], part: Module, args: tuple, output: Tensor | tuple) -> Tensor | tuple:
    if not isinstance(output, Tensor):
        return _padded(tokens, part, args, output[0]), *output[1:]
    return pad(output, (0, 0, tokens.pop() - output.shape[1], 0))


def _store(seen: dict[int, Tensor], layer: int, residual: Tensor) -> None:
    seen[layer] = residual


@contextlib.contextmanager
def _hooked(vlm: VLM, layer: int, act: Callable[[Tensor], Tensor | None], *, first: bool) -> Iterator[None]:
    """Call `act` on layer `layer`; if it returns a tensor, that takes the residual's place."""
    if not 0 <= layer <= vlm.n_layers:
        raise LinmechError(f"layer {layer} is outside 0..{vlm.n_layers} of model {vlm.name}")
    if layer == 0:
        handle = vlm.layers[0].register_forward_pre_hook(partial(_on_input, act), with_kwargs=True, prepend=first)
    else:
        handle = vlm.layers[layer - 1].register_forward_hook(partial(_on_output, act), prepend=first)
    try:
        yield
    finally:
        handle.remove()


def _on_input(act: Callable, block, args: tuple, kwargs: dict) -> tuple[tuple, dict] | None:
    named = "hidden_states" in kwargs
    new = act(kwargs["hidden_states"] if named else args[0])
    if new is None:
        return None
    return (args, kwargs | {"hidden_states": new}) if named else ((new, *args[1:]), kwargs)


def _on_output(act: Callable, block, args: tuple, output: Tensor | tuple) -> Tensor | tuple | None:
    if isinstance(output, Tensor):
        return act(output)
    new = act(output[0])
    return None if new is None else (new, *output[1:])
