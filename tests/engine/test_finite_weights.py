"""Weights that are no numbers are named."""

import pytest
import torch
from torch import nn

from mmpose_multilat.engine.finite_weights import describe_not_finite


def network():
    return nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), nn.Conv2d(4, 2, 1))


def test_finite_weights_need_no_words():
    assert describe_not_finite(network()) is None
    assert describe_not_finite(nn.Identity()) is None


@pytest.mark.parametrize('value', [float('nan'), float('inf'), -float('inf')])
def test_one_number_is_enough(value):
    model = network()
    model[2].bias.data[1] = value
    assert describe_not_finite(model).startswith('2.bias are not finite (NaN or infinity)')


def test_many_are_counted():
    model = network()
    for parameter in model.parameters():
        nn.init.constant_(parameter, float('nan'))
    assert '0.weight, 0.bias, 1.weight and 3 more are not finite' in describe_not_finite(model)


def test_buffers_may_hold_infinity_but_not_nan():
    """As masks of attention do."""
    model = network()
    model.register_buffer('mask', torch.tensor([0.0, -float('inf')]))
    assert describe_not_finite(model) is None
    model[1].running_var[0] = float('nan')
    assert describe_not_finite(model).startswith('1.running_var are')
