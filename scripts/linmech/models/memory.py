"""When a device's memory is used up: seen whichever way torch says it, and what it had reserved given back."""

import gc

import torch


def used_up(error: RuntimeError) -> bool:
    """Whether torch found no memory, on a GPU or the CPU."""
    return isinstance(error, torch.OutOfMemoryError) or "allocate memory" in str(error)


def give_back() -> None:
    """Return to the device what failed passes had reserved."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
