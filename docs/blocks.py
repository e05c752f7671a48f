"""What each block of a decoder adds to the residuals at the nouns: python docs/blocks.py MODEL=FOLDER...

FOLDER: the model's cached reading of the grids (results/activations/grid/MODEL).

`added`: the norm of what the block adds over the norm of what it is added to, in the median over the rows.
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

from linmech.activations.rows import layers_of

if __name__ == "__main__":
    print("model,block,added")
    for name, folder in (one.split("=") for one in sys.argv[1:]):
        count = len(list(Path(folder).glob("layer_*.h5")))
        before = None
        for layer, rows in layers_of([Path(folder) / f"layer_{number}.h5" for number in range(count)]):
            if before is not None:
                added = np.linalg.norm(rows - before, axis=1) / np.linalg.norm(before, axis=1)
                print(name, layer, f"{np.median(added):.3f}", sep=",")
            before = rows
