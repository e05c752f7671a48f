"""A linear probe of place: ridge regression from residuals at the nouns of the cached grid to a noun's coordinate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from linmech.activations.layer_files import open_layer
from linmech.errors import LinmechError
from linmech.ids.design import describe_rows
from linmech.statistics.splits import split
from linmech.stimuli.items import Item

PENALTIES = 10.0 ** np.arange(-4, 4)  # in mean squares of the residuals
HELD_OUT = 0.3  # share of the nouns by which the penalty is chosen


@dataclass(frozen=True)
class Probe:
    """A line from residuals to cells along a coordinate, and its R² on nouns that it was not fitted to."""

    weights: Float[np.ndarray, " hidden"]
    r2: float

    def margin(self, residuals: Float[np.ndarray, "noun=2 hidden"]) -> float:
        """By how many cells the first of two residuals lies beyond the second."""
        return float((residuals[0] - residuals[1]) @ self.weights)


def fit_probes(
    activations: Sequence[str | Path], items: Mapping[str, Item], layers: Sequence[int], fingerprint: str,
    coordinate: str, seed: int = 0,
) -> dict[int, Probe]:  # fmt: skip
    """The probes at `layers` by the layer files of a reading of a grid (`items`), of the model with this fingerprint.

    Raises LinmechError where a layer's file is not there, or of another model.
    """
    found = {}
    for path in activations:
        with open_layer(path, fingerprint=fingerprint) as layer:
            if (number := int(layer.attrs["layer"])) in layers:
                table = describe_rows(layer.index, items, [coordinate])
                found[number] = fit(layer.read(), table[coordinate].to_numpy(float), table["noun"].tolist(), seed)
    if absent := sorted(set(layers) - set(found)):
        raise LinmechError(f"{Path(activations[0]).parent}: has no layer {absent[0]}; run cache_activations")
    return found


def fit(
    residuals: Float[np.ndarray, "row hidden"], places: Float[np.ndarray, " row"], nouns: Sequence[str], seed: int = 0
) -> Probe:
    """The probe of some rows; its penalty is the one that does best on nouns held out, which then take part."""
    apart = np.isin(nouns, list(split(nouns, HELD_OUT, seed, "probed noun")))
    x, y = residuals.astype(np.float64), places
    scores = [_r2(x[apart], y[apart], *_ridge(x[~apart], y[~apart], penalty)) for penalty in PENALTIES]
    best = int(np.argmax(scores))
    return Probe(_ridge(x, y, PENALTIES[best])[0], float(scores[best]))


def _ridge(x: np.ndarray, y: np.ndarray, penalty: float) -> tuple[Float[np.ndarray, " hidden"], float]:
    centred, middle = x - x.mean(axis=0), y.mean()
    scale = (centred**2).sum() / x.shape[1] + np.finfo(float).eps
    gram = centred.T @ centred + penalty * scale * np.eye(x.shape[1])
    weights = np.linalg.solve(gram, centred.T @ (y - middle))
    return weights, float(middle - x.mean(axis=0) @ weights)


def _r2(x: np.ndarray, y: np.ndarray, weights: np.ndarray, bias: float) -> float:
    return 1 - float(((y - x @ weights - bias) ** 2).sum() / ((y - y.mean()) ** 2).sum())
