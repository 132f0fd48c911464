import pytest
import torch
from mmpose.registry import MODELS

from mmpose_multilat.models.losses import transformation_error


def test_error_is_equation_8_as_a_mean():
    hard, soft = torch.randn(2, 2, 3, 4, 5).unbind(0)
    weight = torch.rand(2, 1, 4, 5)
    expected = sum(
        abs(float(hard[b, c, y, x] * weight[b, 0, y, x] - soft[b, c, y, x]))
        for b in range(2)
        for c in range(3)
        for y in range(4)
        for x in range(5)
    ) / (2 * 3 * 4 * 5)
    assert float(transformation_error(hard, soft, weight)) == pytest.approx(expected, rel=1e-5)


def test_places_that_are_not_alike_take_no_part():
    hard = torch.randn(1, 2, 3, 3)
    weight = torch.zeros(1, 1, 3, 3)
    assert float(transformation_error(hard, torch.zeros_like(hard), weight)) == 0


def test_loss_is_the_mean_over_scales_times_lambda():
    maps = [torch.ones(1, 1, side, side) for side in (2, 4)]
    soft = [0 * maps[0], 3 * maps[1]]  # errors 1 and 2
    loss = MODELS.build(dict(type='TransformationLoss'))
    assert float(loss(maps, soft, maps)) == pytest.approx(0.1 * 1.5)
    double = MODELS.build(dict(type='TransformationLoss', loss_weight=0.2))
    assert float(double(maps, soft, maps)) == pytest.approx(0.2 * 1.5)


def test_empty_batch():
    empty = torch.zeros(0, 2, 3, 3)
    assert float(transformation_error(empty, empty, torch.zeros(0, 1, 3, 3))) == 0


def test_refused():
    with pytest.raises(ValueError, match='loss_weight=-1'):
        MODELS.build(dict(type='TransformationLoss', loss_weight=-1))
