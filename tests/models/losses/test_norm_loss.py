"""The norm of heatmap errors against numpy and by hand."""

import math

import numpy as np
import pytest
import torch
from mmpose.registry import MODELS
from references import gaussian

from mmpose_multilat.models.losses import HeatmapNormLoss


def heatmaps(*batch, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [torch.rand(*batch, 8, 6, generator=generator, dtype=torch.float64) for _ in range(2)]


def test_by_hand():
    predicted = torch.tensor([[[[0.3, 0.0], [0.0, 0.4]], [[1.0, 0.0], [0.0, 0.0]]]])
    loss = MODELS.build(dict(type='HeatmapNormLoss', loss_weight=2.0))
    found = loss(predicted, torch.zeros_like(predicted))
    assert found.item() == pytest.approx(2 * (0.5 + 1.0) / 2)


def test_weights_scale_landmarks_and_the_mean_runs_over_all():
    predicted, target = heatmaps(2, 3)
    weights = torch.tensor([[1.0, 0.0, 0.5], [1.0, 1.0, 0.0]], dtype=torch.float64)
    norms = np.linalg.norm((predicted - target).flatten(-2).numpy(), axis=-1)
    loss = HeatmapNormLoss()
    assert loss(predicted, target, weights).item() == pytest.approx(
        (norms * weights.numpy()).mean()
    )
    assert loss(predicted, target).item() == pytest.approx(norms.mean())
    ignoring = HeatmapNormLoss(use_target_weight=False)
    assert ignoring(predicted, target, weights).item() == pytest.approx(norms.mean())


@pytest.mark.parametrize('shift', [0.01, 0.1, 0.3])
def test_is_proportional_to_a_small_shift(shift):
    """A Gaussian's derivative has the norm sqrt(pi / 2) in two dimensions, whatever its sigma."""
    true = torch.from_numpy(gaussian((16, 16), 33, 33, 2))[None, None]
    moved = torch.from_numpy(gaussian((16 + shift * 0.6, 16 - shift * 0.8), 33, 33, 2))[None, None]
    expected = shift * math.sqrt(math.pi / 2)
    assert HeatmapNormLoss()(moved, true).item() == pytest.approx(expected, rel=0.01)


def test_gradient_is_finite_where_there_is_no_error():
    predicted = torch.zeros(1, 2, 4, 4, requires_grad=True)
    HeatmapNormLoss()(predicted, torch.zeros(1, 2, 4, 4)).backward()
    assert predicted.grad.isfinite().all()


def test_small_errors_survive_mixed_precision():
    predicted = torch.full((1, 1, 4, 4), 1e-4, dtype=torch.float16)
    found = HeatmapNormLoss()(predicted, torch.zeros(1, 1, 4, 4))
    assert found.item() == pytest.approx(4e-4, rel=0.01)


def test_empty_batch_gives_zero():
    empty = torch.zeros(0, 5, 4, 4)
    assert HeatmapNormLoss()(empty, empty, torch.zeros(0, 5)).item() == 0


@pytest.mark.parametrize('loss_weight', [float('inf'), -0.5, True])
def test_a_wrong_factor_is_refused(loss_weight):
    with pytest.raises(ValueError, match=f'loss_weight={loss_weight} must be a finite number'):
        HeatmapNormLoss(loss_weight=loss_weight)


def test_a_wrong_flag_is_refused():
    with pytest.raises(ValueError, match="use_target_weight='False' must be True or False"):
        HeatmapNormLoss(use_target_weight='False')
