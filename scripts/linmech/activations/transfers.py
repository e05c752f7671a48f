"""Copies from a GPU that go on while Python does: each result is fetched when the next one has been started."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class Copy:
    """A tensor on its way to host memory."""

    tensor: Tensor
    done: object | None  # a torch.cuda.Event

    @classmethod
    def of(cls, tensor: Tensor) -> "Copy":
        """Start to copy `tensor`, from a GPU into page-locked memory."""
        if tensor.device.type != "cuda":
            return cls(tensor.cpu(), None)
        host = torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True)
        host.copy_(tensor, non_blocking=True)
        done = torch.cuda.Event()
        done.record(torch.cuda.current_stream(tensor.device))
        return cls(host, done)

    def numpy(self) -> np.ndarray:
        """The copied tensor, once it is there."""
        if self.done:
            self.done.synchronize()
        return self.tensor.numpy()


def one_ahead(copies: Iterable[Copy]) -> Iterator[np.ndarray]:
    """The copies in order; one that is still on its way is fetched after the next was asked for."""
    waiting = None
    for copy in copies:
        if waiting:
            yield waiting.numpy()
        waiting = copy if copy.done else None
        if not waiting:
            yield copy.numpy()
    if waiting:
        yield waiting.numpy()
