"""The zoo's codes as docs/organisms.md shows them: python docs/codes.py, from docs/results/codes.csv."""

import sys
from pathlib import Path

import pandas as pd

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "scripts"))

from linmech.figures.codes import draw  # noqa: E402
from linmech.figures.style import style  # noqa: E402

if __name__ == "__main__":
    table = pd.read_csv(HERE / "results/codes.csv")
    table = table.assign(copied=table["copied"].astype("boolean"), truth=table["truth"].fillna(""))
    with style():
        draw(table).savefig(HERE / "codes.png", dpi=120)
