"""What the default run costs, by rule, from the benchmark files that Snakemake leaves: python docs/times.py logs MODEL.

Prints the table of `linmech.figures.paper.run_page.costs` as csv.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

from linmech.figures.paper.run_page import costs

if __name__ == "__main__":
    print(costs(sys.argv[1], sys.argv[2]).to_csv(index=False), end="")
