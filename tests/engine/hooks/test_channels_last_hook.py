"""The layout of memory changes, the results do not."""

from types import SimpleNamespace

import pytest
import torch
from mmpose.registry import HOOKS
from torch import nn

from mmpose_multilat.engine import ChannelsLastHook


def small_network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 4, 3))


def is_channels_last(tensor: torch.Tensor) -> bool:
    return tensor.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize('stage', ['before_train', 'before_val', 'before_test'])
def test_weights_and_features_become_channels_last(stage):
    model = small_network()
    image = torch.rand(2, 3, 16, 16)
    expected = model.eval()(image)
    assert not is_channels_last(model[0].weight) and not is_channels_last(expected)
    getattr(HOOKS.build(dict(type='ChannelsLastHook')), stage)(SimpleNamespace(model=model))
    output = model(image)
    assert is_channels_last(model[0].weight) and is_channels_last(output)
    torch.testing.assert_close(output, expected, rtol=1e-5, atol=1e-6)


def test_parameters_stay_those_of_the_optimiser():
    model = small_network()
    before = list(model.parameters())
    ChannelsLastHook().before_train(SimpleNamespace(model=model))
    assert all(one is other for one, other in zip(before, model.parameters()))


def test_checkpoints_of_both_layouts_can_be_exchanged(tmp_path):
    model, other = small_network(), small_network()
    ChannelsLastHook().before_train(SimpleNamespace(model=model))
    torch.save(model.state_dict(), tmp_path / 'weights.pth')
    with torch.no_grad():
        other[0].weight.zero_()
    other.load_state_dict(torch.load(tmp_path / 'weights.pth'))
    torch.testing.assert_close(other[0].weight, small_network()[0].weight, rtol=0, atol=0)
    assert not is_channels_last(other[0].weight)


@pytest.mark.parametrize('model', [small_network(), nn.Sequential()], ids=['network', 'empty'])
def test_other_devices_are_left_alone(model):
    ChannelsLastHook(devices=('cuda',)).before_train(SimpleNamespace(model=model))
    assert not any(is_channels_last(p) for p in model.parameters() if p.dim() == 4)


def test_a_single_device_needs_no_list():
    model = small_network()
    ChannelsLastHook(devices='cpu').before_train(SimpleNamespace(model=model))
    assert is_channels_last(model[0].weight)


@pytest.mark.parametrize('devices', [['cuda:0'], ['c', 'p', 'u'], 'gpu', None, [0]])
def test_what_is_no_type_of_devices_is_refused(devices):
    with pytest.raises(ValueError, match=r"devices=.* must be types of devices, 'cpu' or"):
        ChannelsLastHook(devices=devices)
