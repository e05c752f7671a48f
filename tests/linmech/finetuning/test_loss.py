"""Laws of the losses: their gradients, checked numerically, and what they are of known points."""

import pytest
import torch

from linmech.finetuning.loss import answer_loss, id_loss, place_loss

DRAW = torch.Generator().manual_seed(0)


def drawn(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=DRAW)


def test_the_gradients_are_those_of_finite_differences():
    residuals, ids = drawn(5, 7).requires_grad_(True), drawn(5, 7)
    assert torch.autograd.gradcheck(lambda points: id_loss(points, ids), residuals)
    head, places = drawn(2, 7).requires_grad_(True), drawn(5, 2)
    assert torch.autograd.gradcheck(lambda own: place_loss(residuals.detach(), places, own), head)
    log_p, forms = drawn(4, 5).requires_grad_(True), torch.rand(4, 5, generator=DRAW) < 0.5
    forms[:, 0] = True
    assert torch.autograd.gradcheck(lambda own: answer_loss(own, forms), log_p)


def test_the_id_loss_is_0_1_and_2_where_predicted_ids_agree_are_orthogonal_and_oppose():
    ids = drawn(6, 8)
    noun, length = drawn(8), 3.0
    assert id_loss(noun + length * ids, ids).item() == pytest.approx(0, abs=1e-12)
    assert id_loss(noun - length * ids, ids).item() == pytest.approx(2)
    apart = torch.cat([torch.zeros_like(ids), ids], 1), torch.cat([ids, torch.zeros_like(ids)], 1)
    assert id_loss(*apart).item() == pytest.approx(1)


def test_what_all_nouns_of_a_batch_share_costs_nothing():
    residuals, ids = drawn(6, 8), drawn(6, 8)
    assert id_loss(residuals + 100 * drawn(8), ids + drawn(8)).item() == pytest.approx(id_loss(residuals, ids).item())


def test_the_place_loss_is_1_where_nothing_is_read_and_0_where_places_are():
    places = torch.tensor([[x, y] for x in range(4) for y in range(4)], dtype=torch.float64)
    assert place_loss(drawn(16, 5), places, torch.zeros(2, 5, dtype=torch.float64)).item() == 1
    residuals = torch.cat([places, torch.zeros(16, 3, dtype=torch.float64)], 1)
    length = (places - places.mean(0)).norm(dim=-1).mean()
    assert place_loss(residuals, places, length * torch.eye(2, 5, dtype=torch.float64)).item() == pytest.approx(0)


def test_the_loss_of_answers_counts_all_forms_of_an_answer_together():
    log_p = torch.tensor([[0.2, 0.3, 0.5], [0.6, 0.1, 0.3]]).log()
    forms = torch.tensor([[True, True, False], [False, False, True]])
    assert answer_loss(log_p, forms).item() == pytest.approx(-(torch.tensor([0.5, 0.3]).log().mean().item()))
