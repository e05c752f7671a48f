"""What is descended: the loss of answers, the spatial ID loss, and plain place regression (section 4.3, A.9)."""

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor


def answer_loss(log_p: Float[Tensor, "question piece"], forms: Bool[Tensor, "question piece"]) -> Float[Tensor, ""]:
    """Mean of -log p(answer), nats: the probability of an answer is that of its `forms` together."""
    return -log_p.masked_fill(~forms, -torch.inf).logsumexp(-1).mean()


def id_loss(
    residuals: Float[Tensor, "image hidden"], ids: Float[Tensor, "image hidden"]
) -> Float[Tensor, ""]:  # fmt: skip
    """Mean of 1 - cos between the predicted IDs, residuals less their mean over the batch, and `ids`.

    0 where they agree, 1 where they have nothing to do with one another, 2 where they oppose.
    """
    # ASSUME: the true IDs of a batch are counted from their mean too, as the predicted ones are; one cell is the
    # anchor's, so that it is not zero. The paper does not say.
    return (1 - F.cosine_similarity(_centred(residuals), _centred(ids), dim=-1)).mean()


def place_loss(
    residuals: Float[Tensor, "image hidden"], places: Float[Tensor, "image axis"], head: Float[Tensor, "axis hidden"]
) -> Float[Tensor, ""]:
    """Mean square error of a linear reading of places from residuals, both less their means over the batch.

    In units of the places' own variance, 1 where nothing is read; residuals count in their own mean length.
    """
    centred, wanted = _centred(residuals), _centred(places)
    told = centred / centred.detach().norm(dim=-1).mean().clamp_min(1e-12) @ head.T
    return ((told - wanted) ** 2).sum() / (wanted**2).sum()


def _centred(points: Tensor) -> Tensor:
    return points - points.mean(dim=0, keepdim=True)
