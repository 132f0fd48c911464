"""FastHRNet against MMPose's own HRNetV2-W18 and against the table of the paper."""

import numpy as np
import pytest
import torch
from mmengine.hub import get_config
from mmengine.runner import load_checkpoint
from mmpose.models.backbones import HRNet
from mmpose.registry import MODELS

from mmpose_multilat.models import FastHRNet

STOCK_CONFIG = (
    'mmpose::face_2d_keypoint/topdown_heatmap/wflw/td-hm_hrnetv2-w18_8xb64-60e_wflw-256x256.py'
)

# Cells per side of every branch for a 256 px input.
BRANCH_CELLS = {
    4: [64, 32, 16, 8],
    8: [32, 16, 8, 4],
    16: [16, 8, 4, 2],
    32: [8, 4, 2],
    64: [4, 2],
}
BRANCH_CHANNELS = [18, 36, 72, 144]
STRIDES = sorted(BRANCH_CELLS)


@pytest.fixture(scope='module')
def stock() -> HRNet:
    """MMPose's HRNetV2-W18 with random weights and random statistics, in evaluation mode."""
    backbone = get_config(STOCK_CONFIG).model.backbone
    torch.manual_seed(0)
    model = HRNet(extra=backbone.extra, init_cfg=None)
    for name, tensor in model.state_dict().items():
        if 'running' in name:
            tensor.copy_(torch.rand_like(tensor) + 0.5)
    model.eval()
    return model


def build(stride: int, **arguments) -> FastHRNet:
    """Build a backbone without initialisation, in evaluation mode."""
    model = FastHRNet(stride=stride, **dict(dict(init_cfg=None), **arguments))
    model.eval()
    return model


@pytest.mark.parametrize('stride', STRIDES)
def test_branches_have_the_cells_and_channels_of_the_paper(stride):
    model = build(stride)
    with torch.no_grad():
        branches = model(torch.zeros(1, 3, 256, 256))
    expected = [
        (1, channels, cells, cells)
        for channels, cells in zip(BRANCH_CHANNELS, BRANCH_CELLS[stride])
    ]
    assert [tuple(branch.shape) for branch in branches] == expected
    assert model.out_channels == sum(branch.shape[1] for branch in branches)


@pytest.mark.parametrize(
    ('stride', 'millions'), [(4, 9.56), (8, 9.56), (16, 9.56), (32, 2.80), (64, 0.648)]
)
def test_number_of_parameters(stride, millions):
    count = sum(parameter.numel() for parameter in build(stride).parameters())
    assert count / 1e6 == pytest.approx(millions, rel=2e-3)


def test_unused_stages_are_not_stored():
    names = {name.split('.')[0] for name in build(64).state_dict()}
    assert 'stage2' in names
    assert names.isdisjoint({'stage3', 'stage4', 'transition2', 'transition3'})


def test_stride_four_computes_what_mmpose_computes(stock):
    model = build(4)
    model.load_state_dict(stock.state_dict())
    image = torch.randn(2, 3, 64, 128)
    with torch.no_grad():
        for ours, theirs in zip(model(image), stock(image)):
            assert torch.equal(ours, theirs)


def assert_matching_layers_are_equal(model: FastHRNet, stock: HRNet) -> None:
    """Assert that all tensors but those of the longer stem are MMPose's."""
    weights = stock.state_dict()
    own = model.state_dict()
    shared = [name for name in own if not name.startswith('stem_tail')]
    assert all(torch.equal(own[name], weights[name]) for name in shared)
    # Weight, scale, shift, mean, variance and number of batches of every further convolution.
    assert len(own) - len(shared) == {32: 6, 64: 12}.get(model.stride, 0)


@pytest.mark.parametrize('stride', STRIDES)
def test_mmpose_weights_load_into_every_layer_that_matches(stock, tmp_path, stride):
    torch.save(stock.state_dict(), tmp_path / 'stock.pth')
    model = build(stride)
    load_checkpoint(model, str(tmp_path / 'stock.pth'), strict=False)
    assert_matching_layers_are_equal(model, stock)


@pytest.mark.parametrize('prefix', ['', 'backbone.'])
def test_initialisation_from_a_checkpoint(stock, tmp_path, prefix):
    """Of a bare backbone (ImageNet weights), or from that of a whole face model."""
    weights = {f'{prefix}{name}': tensor for name, tensor in stock.state_dict().items()}
    weights['head.final_layer.bias'] = torch.zeros(98)
    torch.save({'state_dict': weights}, tmp_path / 'stock.pth')
    init = dict(type='Pretrained', checkpoint=str(tmp_path / 'stock.pth'))
    model = build(64, init_cfg={**init, 'prefix': prefix} if prefix else init)
    model.init_weights()
    assert_matching_layers_are_equal(model, stock)


def test_no_initialisation_leaves_the_weights_alone():
    model = build(16)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    model.init_weights()
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())


def test_default_initialisation_is_that_of_mmpose():
    model = FastHRNet(stride=64)
    model.init_weights()
    assert model.conv1.weight.std().item() == pytest.approx(0.001, rel=0.1)
    assert model.stem_tail[0].conv.weight.std().item() == pytest.approx(0.001, rel=0.1)


def test_input_need_not_be_square():
    with torch.no_grad():
        branches = build(32)(torch.zeros(1, 3, 384, 128))
    assert [tuple(branch.shape[2:]) for branch in branches] == [(12, 4), (6, 2), (3, 1)]


@pytest.mark.parametrize('stride', [16, 64])
def test_gradients_are_finite_and_reach_every_parameter(stride):
    model = FastHRNet(stride=stride, init_cfg=None)
    model.train()
    outputs = model(torch.randn(2, 3, 256, 256))
    sum(output.square().mean() for output in outputs).backward()
    gradients = [parameter.grad for parameter in model.parameters()]
    assert all(gradient is not None and gradient.isfinite().all() for gradient in gradients)
    assert model.stem_tail.training and model.norm1.training


def test_frozen_stages_include_the_whole_stem():
    model = FastHRNet(stride=64, frozen_stages=1, init_cfg=None)
    model.train()
    frozen = {name.split('.')[0] for name, p in model.named_parameters() if not p.requires_grad}
    assert frozen == {'conv1', 'bn1', 'conv2', 'bn2', 'stem_tail', 'layer1', 'transition1'}
    assert not model.stem_tail.training


@pytest.mark.parametrize(('stride', 'last_stage'), [(16, 4), (32, 3), (64, 2)])
def test_every_stage_can_be_frozen_and_no_key_of_a_checkpoint_changes(stride, last_stage):
    model = FastHRNet(stride=stride, frozen_stages=last_stage, init_cfg=None)
    model.train()
    assert not any(parameter.requires_grad for parameter in model.parameters())
    used = {f'stage{stage}' for stage in range(2, last_stage + 1)}
    used |= {f'transition{stage - 1}' for stage in range(2, last_stage + 1)}
    names = {name.split('.')[0] for name in model.state_dict()}
    assert {name for name in names if name.startswith(('stage', 'transition'))} == used


def test_it_is_built_from_the_registry():
    model = MODELS.build(dict(type='FastHRNet', stride=32, init_cfg=None))
    assert isinstance(model, FastHRNet)


def test_unknown_stride_is_refused_with_the_allowed_ones():
    with pytest.raises(ValueError, match=r'\[4, 8, 16, 32, 64\], got 5'):
        FastHRNet(stride=5)
    with pytest.raises(ValueError, match=r'got 16\.0'):
        FastHRNet(stride=16.0)


@pytest.mark.parametrize('stage', [3, -2, 1.0, True])
def test_frozen_stage_that_does_not_exist_is_refused(stage):
    with pytest.raises(ValueError, match=f'stride=64 has 2 stages.* between -1 and 2, got {stage}'):
        FastHRNet(stride=64, frozen_stages=stage)


@pytest.mark.parametrize(('stride', 'divisor'), [(4, 32), (16, 128), (64, 128)])
def test_input_that_does_not_fit_the_branches_is_refused(stride, divisor):
    model = build(stride)
    assert model.size_divisor == divisor
    size = divisor + stride
    with pytest.raises(
        ValueError, match=rf'multiples of {divisor}, got {size}x{divisor} \(W x H\)'
    ):
        model(torch.zeros(1, 3, divisor, size))


def test_settings_may_be_whole_numbers_of_numpy():
    model = FastHRNet(stride=np.int64(64), frozen_stages=np.int64(1), init_cfg=None)
    assert (model.stride, model.frozen_stages) == (64, 1)
    assert type(model.stride) is type(model.frozen_stages) is int
