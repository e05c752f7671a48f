"""What a method costs: tokens that run through the decoder's blocks, and seconds."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass

from linmech.models.vlm import VLM


@dataclass
class Cost:
    """`passes`: tokens times blocks that ran, over those of one plain pass of the prompt; `seconds` on this machine."""

    passes: float = 0.0
    seconds: float = 0.0


@contextlib.contextmanager
def counted(vlm: VLM, tokens: int) -> Iterator[Cost]:
    """Fill a `Cost` with what runs inside the block; a prompt has so many `tokens`. The vision tower is not counted."""
    cost, start = Cost(), time.perf_counter()

    def count(block: object, args: tuple, kwargs: dict) -> None:
        states = kwargs["hidden_states"] if "hidden_states" in kwargs else args[0]
        cost.passes += states.shape[0] * states.shape[1] / (tokens * vlm.n_layers)

    with contextlib.ExitStack() as stack:
        for block in vlm.layers:
            stack.callback(block.register_forward_pre_hook(count, with_kwargs=True).remove)
        yield cost
    cost.seconds = time.perf_counter() - start
