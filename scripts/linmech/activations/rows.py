"""The rows of a reading as the comparisons of IDs take them: told of once, read layer by layer."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float

from linmech.activations.layer_files import open_layer
from linmech.errors import LinmechError
from linmech.ids.comparing import Rows
from linmech.ids.design import describe_rows
from linmech.stimuli.datasets import Dataset


def rows_of(path: str | Path, dataset: Dataset) -> Rows:
    """The rows of a layer file, and the pair of nouns in each one's image. Raises what `describe_rows` raises."""
    items = {item.id: item for item in dataset.items()}
    with open_layer(path) as layer:
        table = describe_rows(layer.index, items)
        things = [items[item].things for item in layer.index["item"]]
    return Rows(table, np.array([" + ".join(thing.noun for thing in shown.values()) for shown in things]))


def layers_of(paths: Sequence[str | Path]) -> Iterator[tuple[int, Float[np.ndarray, "row hidden"]]]:
    """The number and the residuals of each layer file of one reading. LinmechError where one is of another run."""
    identity = None
    for path in paths:
        with open_layer(path) as layer:
            if identity not in (None, layer.attrs["identity"]):
                raise LinmechError(f"{path} is of another run than {paths[0]}; delete both and run again")
            identity = layer.attrs["identity"]
            yield int(layer.attrs["layer"]), layer.read()
