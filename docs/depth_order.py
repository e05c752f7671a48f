"""Whether height moves depth the more, the more an arm's scenes tied the two: python docs/depth_order.py.

From docs/results/fig7-rho.csv, a row per layer, and one of the layers that the arms chose: `share` is by how much
front/behind moves for what above/below moves (its sign turned: lower taken for nearer is above 0), in the mean over
the seeds of each `rho`; `tau` Kendall's order of the arms' shares in rho (pairs of unequal rho), and `p` the part of
all `ways` of giving the arms these rhos that order them as well or better.
"""

from itertools import combinations
from pathlib import Path

import pandas as pd

HERE = Path(__file__).parent


def order(shares: dict[float, list[float]]) -> tuple[float, float, int]:
    """Kendall's tau of the shares in their groups' order, its exact p (one-sided), and of how many ways."""
    groups = [shares[rho] for rho in sorted(shares)]
    found, pairs = _rising(groups), sum(len(a) * len(b) for a, b in combinations(groups, 2))
    others = [_rising(way) for way in _ways(sum(groups, []), [len(group) for group in groups])]
    return 2 * found / pairs - 1, sum(each >= found for each in others) / len(others), len(others)


def _rising(groups: list[list[float]]) -> int:
    return sum(y > x for a, b in combinations(groups, 2) for x in a for y in b)


def _ways(values: list[float], sizes: list[int]) -> list[list[list[float]]]:
    """All ways of dealing the values out into groups of these sizes."""
    if not sizes:
        return [[]]
    ways = []
    for chosen in combinations(range(len(values)), sizes[0]):
        rest = [value for at, value in enumerate(values) if at not in chosen]
        ways += [[[values[at] for at in chosen], *way] for way in _ways(rest, sizes[1:])]
    return ways


def rows(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of every layer and of the chosen ones."""
    arms = table[(table["panel"] == "A") & ~table["model"].str.startswith("organism-")]
    told = []
    for layer, part in [*arms.groupby("layer"), ("chosen", arms[arms["shown"].astype(bool)])]:
        shares = {rho: (-each["estimate"]).tolist() for rho, each in part.groupby("rho")}
        tau, p, ways = order(shares)
        means = {f"share_{rho:g}": round(sum(each) / len(each), 3) for rho, each in shares.items()}
        name = layer if layer == "chosen" else int(layer)
        told.append({"layer": name, "arms": len(part), **means, "tau": round(tau, 3), "p": round(p, 4), "ways": ways})
    return pd.DataFrame(told)


if __name__ == "__main__":
    print(rows(pd.read_csv(HERE / "results/fig7-rho.csv")).to_csv(index=False), end="")
