"""Whether height moves depth the more, the more an arm's scenes tied the two: python docs/depth_order.py.

From docs/results/fig7-rho.csv, a row per layer, and one of the layers that the arms chose: `share` is by how much
front/behind moves for what above/below moves (its sign turned: lower taken for nearer is above 0), in the mean over
the seeds of each `rho`; `somers_d` how well the arms' shares are in rho's order (pairs of unequal rho in order less
those that are not, over all such pairs), and `p` the part of all `ways` of giving the arms these rhos that order them
as well or better (one-sided).
"""

from collections.abc import Sequence
from itertools import permutations
from pathlib import Path

import pandas as pd
from scipy.stats import somersd

HERE = Path(__file__).parent


def order(rhos: Sequence[float], shares: Sequence[float]) -> tuple[float, float, int]:
    """Somers' D of the shares in rho, its exact p (one-sided), and of how many ways."""
    ways = set(permutations(rhos))
    found = somersd(rhos, shares).statistic
    as_well = sum(somersd(way, shares).statistic > found - 1e-9 for way in ways)
    return found, as_well / len(ways), len(ways)


def rows(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of every layer and of the chosen ones."""
    arms = table[(table["panel"] == "A") & ~table["model"].str.startswith("organism-")]
    told = []
    for layer, part in [*arms.groupby("layer"), ("chosen", arms[arms["shown"].astype(bool)])]:
        shares = -part["estimate"]
        found, p, ways = order(part["rho"].tolist(), shares.tolist())
        means = {f"share_{rho:g}": round(mean, 3) for rho, mean in shares.groupby(part["rho"]).mean().items()}
        name = layer if layer == "chosen" else int(layer)
        told.append({"layer": name, "arms": len(part), **means, "somers_d": round(found, 3), "p": round(p, 4)})
        told[-1]["ways"] = ways
    return pd.DataFrame(told)


if __name__ == "__main__":
    print(rows(pd.read_csv(HERE / "results/fig7-rho.csv")).to_csv(index=False), end="")
