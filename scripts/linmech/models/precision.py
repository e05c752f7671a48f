"""Which number type multiplies matrices faster on a device: measured, never assumed.

bfloat16 is some three times as fast as float32 on CPUs with AMX or AVX512-BF16, and was 36 times slower on one without.
"""

import functools
import time

import torch

SIDE, SPENT = 384, 0.1  # of the matrices; seconds that a type is measured for, one product at least
WORTH = 1.5  # how many times slower is worth a line


@functools.cache
def seconds_of_a_product(dtype: torch.dtype, device: str = "cpu") -> float:
    """Seconds that a product of two SIDE x SIDE matrices takes, the least of as many as SPENT seconds hold; measured
    once in a process.
    """
    one, other = (torch.ones(SIDE, SIDE, dtype=dtype, device=device) for _ in range(2))
    one @ other  # the first is slower
    least, end = float("inf"), time.perf_counter() + SPENT
    while True:
        started = time.perf_counter()
        one @ other
        now = time.perf_counter()
        least = min(least, now - started)
        if now > end:
            return least


def faster_precision(device: str = "cpu") -> str:
    """ "bfloat16" where a product is faster in it than in float32, else "float32"; a GPU is not measured: bfloat16."""
    if not device.startswith("cpu"):
        return "bfloat16"
    times = {name: seconds_of_a_product(getattr(torch, name)) for name in ("float32", "bfloat16")}
    told = ", ".join(f"{name} {1e3 * seconds:.2f} ms" for name, seconds in times.items())
    chosen = min(times, key=times.__getitem__)
    print(f"a product of {SIDE} x {SIDE} matrices takes {told} on this CPU: {chosen}", flush=True)
    return chosen


def known_type(dtype: str, device: str) -> str:
    """`dtype`, or for "auto" `faster_precision` of the device."""
    return faster_precision(device) if dtype == "auto" else dtype


def warn_of_slow(dtype: str, device: str, name: str) -> None:
    """Print a line where a CPU multiplies in `dtype` more slowly than in float32; the type stays what was asked for."""
    if not device.startswith("cpu") or dtype == "float32":
        return
    ratio = seconds_of_a_product(getattr(torch, dtype)) / seconds_of_a_product(torch.float32)
    if ratio > WORTH:
        print(
            f"model {name}: {dtype} is {ratio:.1f} times slower than float32 on this CPU; set dtype: float32",
            flush=True,
        )
