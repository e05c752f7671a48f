"""The schedule of the learning rates."""

import math

import torch


def schedule(step: int, steps: int) -> float:
    """Linear warm-up over 40 steps, then a cosine to 2 % of the rate."""
    return min(1.0, (step + 1) / 40) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / steps)))


def set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    """Set the learning rate of all parameter groups."""
    for group in optimiser.param_groups:
        group["lr"] = rate
