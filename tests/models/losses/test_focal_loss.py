"""The focal loss against a loop over equation (8) of LC-GCN."""

import math

import pytest
import torch
from mmpose.registry import MODELS
from references import gaussian

from mmpose_multilat.models.losses import HeatmapFocalLoss


def by_hand(response, target, alpha, beta):
    """Cost of one landmark, cell by cell; the strongest cell of the target is positive."""
    cells = [(y, x) for y in range(target.shape[0]) for x in range(target.shape[1])]
    positive = max(cells, key=lambda cell: target[cell].item())
    total = 0.0
    for cell in cells:
        found, wanted = response[cell].item(), target[cell].item()
        if cell == positive:
            total -= (1 - found) ** alpha * math.log(found)
        else:
            total -= (1 - wanted) ** beta * found**alpha * math.log(1 - found)
    return total


def draw(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(*shape, generator=generator, dtype=torch.float64) * 0.9 + 0.05


@pytest.mark.parametrize(('alpha', 'beta'), [(2, 4), (1, 0), (0, 2)])
@pytest.mark.parametrize('place', [(3, 2), (3.4, 2.3), (0, 5)])
def test_equation_8(alpha, beta, place):
    target = torch.from_numpy(gaussian(place, 8, 6, 1.5))[None, None]
    response = draw(1, 1, *target.shape[-2:])
    loss = MODELS.build(dict(type='HeatmapFocalLoss', alpha=alpha, beta=beta, loss_weight=2.0))
    expected = 2 * by_hand(response[0, 0], target[0, 0], alpha, beta)
    assert loss(response, target).item() == pytest.approx(expected)


def test_the_mean_runs_over_the_landmarks_that_count():
    targets = torch.from_numpy(gaussian((2.2, 3.1), 6, 6, 1))[None, None].repeat(2, 3, 1, 1)
    targets[1, 2] = 0  # no label
    responses, weights = draw(2, 3, 6, 6), torch.tensor([[1.0, 0, 1], [1, 1, 1]])
    counting = [(0, 0), (0, 2), (1, 0), (1, 1)]
    expected = sum(by_hand(responses[at], targets[at], 2, 4) for at in counting) / len(counting)
    assert HeatmapFocalLoss()(responses, targets, weights).item() == pytest.approx(expected)


def test_without_weights_every_label_counts():
    targets = torch.from_numpy(gaussian((2, 3), 6, 6, 1))[None, None].repeat(1, 2, 1, 1)
    responses, weights = draw(1, 2, 6, 6), torch.tensor([[1.0, 0]])
    loss = HeatmapFocalLoss(use_target_weight=False)
    assert loss(responses, targets, weights) == loss(responses, targets)


def test_the_least_cost_is_a_response_of_one_at_the_nearest_cell():
    target = torch.from_numpy(gaussian((2.4, 3.3), 6, 6, 1))[None, None]
    best = torch.zeros_like(target)
    best[0, 0, 3, 2] = 1
    least = HeatmapFocalLoss()(best, target)
    assert least.item() == pytest.approx(0, abs=1e-4)
    assert HeatmapFocalLoss()(target, target) > least


def test_gradients_are_finite_at_the_ends_and_nothing_costs_nothing():
    ends = torch.tensor([0.0, 1.0, -3.0, 5.0]).reshape(1, 1, 2, 2).requires_grad_()
    HeatmapFocalLoss()(ends, torch.tensor([[[[0.0, 0.2], [1.0, 0.1]]]])).backward()
    assert ends.grad.isfinite().all()
    assert HeatmapFocalLoss()(torch.rand(0, 3, 4, 4), torch.rand(0, 3, 4, 4)) == 0
    assert HeatmapFocalLoss()(torch.rand(1, 3, 4, 4), torch.zeros(1, 3, 4, 4)) == 0


def test_half_precision_is_calculated_in_float32():
    target = torch.from_numpy(gaussian((2, 2), 5, 5, 1)).float()[None, None]
    response = torch.full((1, 1, 5, 5), 1e-4)
    found = HeatmapFocalLoss()(response.half(), target.half())
    assert found.item() == pytest.approx(HeatmapFocalLoss()(response, target).item(), rel=1e-2)


@pytest.mark.parametrize('setting', ['alpha', 'beta', 'loss_weight'])
def test_negative_settings_are_named(setting):
    with pytest.raises(ValueError, match=setting):
        HeatmapFocalLoss(**{setting: -1})
