"""The cut MobileNetV2 against MMPose's whole one."""

import pytest
import torch
from mmengine.analysis import FlopAnalyzer
from mmpose.models.backbones import MobileNetV2
from mmpose.registry import MODELS
from torch.nn import functional as F

from mmpose_multilat.models.backbones import MultiStrideMobileNet

WIDTHS = {4: 24, 8: 32, 16: 96, 32: 320}
LAYERS = {4: 1, 8: 2, 16: 4, 32: 6}


def build(**settings):
    torch.manual_seed(0)
    network = MODELS.build(dict(type='MultiStrideMobileNet', **settings))
    network.eval()
    return network


@pytest.mark.parametrize(
    ('stride', 'deepest', 'joined'),
    [
        (4, 16, (4, 8, 16)),
        (8, 16, (4, 8, 16)),
        (16, 16, (4, 8, 16)),
        (16, 32, (8, 16, 32)),
        (32, 32, (8, 16, 32)),
    ],
)
def test_the_map_is_joined_of_those_of_the_whole_network(stride, deepest, joined):
    network = build(stride=stride, deepest=deepest)
    whole = MobileNetV2(out_indices=[LAYERS[each] for each in joined])
    missing = whole.load_state_dict(network.state_dict(), strict=False)
    assert not missing.unexpected_keys
    whole.eval()
    images = torch.rand(2, 3, 64, 96, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        (found,), parts = network(images), whole(images)
    assert found.shape == (2, network.out_channels, 64 // stride, 96 // stride)
    start = 0
    for finest, part in zip(joined, parts):
        own = found[:, start : start + WIDTHS[finest]]
        start += WIDTHS[finest]
        if finest == stride:
            torch.testing.assert_close(own, part)
        elif finest < stride:
            factor = stride // finest
            cells = part.unfold(2, factor, factor).unfold(3, factor, factor)
            torch.testing.assert_close(own, cells.mean((-2, -1)))
        else:
            expected = F.interpolate(part, scale_factor=finest // stride, mode='bilinear')
            torch.testing.assert_close(own, expected)
    assert start == network.out_channels


def test_layers_behind_the_deepest_stride_are_not_built():
    network, whole = build(), MobileNetV2()
    count, of_whole = (sum(each.numel() for each in net.parameters()) for net in (network, whole))
    assert count < 0.6e6 < of_whole
    assert not [name for name, _ in network.named_children() if name in ('layer6', 'conv2')]


@pytest.mark.parametrize(
    ('side', 'settings', 'gflops'),
    [
        (64, dict(stride=4), 0.018),
        (96, dict(stride=4), 0.041),
        (128, dict(stride=4), 0.073),
        (256, dict(stride=16, deepest=32), 0.383),
    ],
)
def test_operations_are_those_that_the_pages_tell(side, settings, gflops):
    analyser = FlopAnalyzer(build(**settings), torch.zeros(1, 3, side, side))
    found = analyser.unsupported_ops_warnings(False).total() / 1e9
    assert found == pytest.approx(gflops, abs=0.0005)


@pytest.mark.parametrize('factor', [0.35, 0.5, 0.75, 1.4])
def test_out_channels_follow_the_width(factor):
    network = build(widen_factor=factor, stride=8)
    assert network(torch.rand(1, 3, 64, 64))[0].shape == (1, network.out_channels, 8, 8)


def test_every_weight_is_trained():
    network = build()
    network.train()
    network(torch.rand(2, 3, 64, 64))[0].sum().backward()
    assert all(each.grad is not None for each in network.parameters())


@pytest.mark.parametrize(
    ('settings', 'named'),
    [
        (dict(stride=5), 'stride=5'),
        (dict(stride=64), 'stride=64'),
        (dict(stride=32), 'deepest=16'),
        (dict(deepest=8), 'deepest=8'),
        (dict(widen_factor=0), 'widen_factor'),
        (dict(out_indices=(1,)), 'out_indices'),
    ],
)
def test_wrong_settings_are_named(settings, named):
    with pytest.raises(ValueError, match=named):
        MultiStrideMobileNet(**settings)


def test_an_input_of_another_size_is_refused():
    with pytest.raises(ValueError, match='multiples of 16, got 72x64'):
        build()(torch.rand(1, 3, 64, 72))
