"""The arms of a finetuning: what the nouns of a batch are drawn to, beside the answers."""

import numpy as np
from jaxtyping import Float

from linmech.seeds import rng

PLAIN, PLACES = "plain", "places"
ARMS = (PLAIN, "ids", "shuffled", "random", PLACES)


def targets(
    ids: Float[np.ndarray, "column row hidden"], arm: str, seed: int, run: int
) -> Float[np.ndarray, "column row hidden"]:
    """The vector that stands for each cell in an arm, drawn once per run.

    ids: the true IDs; shuffled: those of the cells exchanged at random; random: normal vectors of the IDs' norms.
    plain and places are told none: the true IDs, to be measured by.
    """
    flat = ids.reshape(-1, ids.shape[-1]).astype(np.float64)
    draw = rng(seed, "finetuning targets", arm, run)
    if arm == "shuffled":
        flat = draw.permutation(flat)
    elif arm == "random":
        vectors = draw.standard_normal(flat.shape)
        flat = vectors * (np.linalg.norm(flat, axis=1) / np.linalg.norm(vectors, axis=1))[:, None]
    return flat.reshape(ids.shape)
