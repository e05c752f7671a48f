"""The schedule of the learning rates."""

import math

import torch


def schedule(step: int, steps: int, warmup: int = 40) -> float:
    """Linear warm-up over `warmup` steps, then a cosine to 2 % of the rate."""
    return min(1.0, (step + 1) / max(warmup, 1)) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / steps)))


def set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    """Set the learning rate of all parameter groups."""
    for group in optimiser.param_groups:
        group["lr"] = rate
