"""timm's files are the weights that the configs name: every parameter, and what it computes."""

from functools import cache
from pathlib import Path

import pytest
import timm
import torch
from mmengine import Config
from mmengine.model import initialize
from mmpose.models.backbones import MobileNetV2
from mmpose.registry import MODELS
from safetensors.torch import save_file
from torch import nn

import mmpose_multilat  # noqa: F401
from mmpose_multilat.models.pretrained import SOURCES
from mmpose_multilat.models.pretrained.names import mobilenet_v2_names

CONFIGS = Path(__file__).parents[3] / 'configs' / '_base_' / 'models'
HM = 'fast-hrnetv2-w18_hm{}.py'
# Config, model of timm, format of the file, parameters and buffers with weights, all of them.
BACKBONES = [
    (HM.format(64), 'hrnet_w18.ms_in1k', 'safetensors', 1830, 1830),
    (HM.format(32), 'hrnet_w18.ms_in1k', 'bin', 1830, 1830),
    (HM.format(16), 'hrnet_w18.ms_in1k', 'bin', 1830, 1830),
    (HM.format(8), 'hrnet_w18.ms_in1k', 'safetensors', 960, 966),
    (HM.format(4), 'hrnet_w18.ms_in1k', 'bin', 210, 222),
    ('gaussian-vector_hrnetv2-w32.py', 'hrnet_w32.ms_in1k', 'safetensors', 1830, 1830),
    ('gaussian-vector_res50.py', 'resnet50.tv_in1k', 'bin', 318, 318),
    ('rht_res50.py', 'resnet50.tv_in1k', 'bin', 144, 144),
]
MOBILENET, MOBILENET_FILE = 'mobilenetv2_96px-hm24.py', 'mobilenetv2_100.ra_in1k'


@cache
def timm_model(name: str) -> nn.Module:
    """The network of timm with random weights; no two layers have the same statistics."""
    torch.manual_seed(0)
    model = timm.create_model(name.split('.')[0])
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.uniform_(-0.5, 0.5)
            module.running_var.uniform_(0.5, 1.5)
            module.num_batches_tracked.fill_(7)
    return model.eval()


def load(config: str, name: str, suffix: str, folder: Path) -> nn.Module:
    """Build the backbone of a config, which finds the file of timm's random weights."""
    state = timm_model(name).state_dict()
    (save_file if suffix == 'safetensors' else torch.save)(state, folder / f'{name}.{suffix}')
    backbone = MODELS.build(Config.fromfile(CONFIGS / config).model.backbone)
    backbone = getattr(backbone, 'backbone', backbone)  # within BackboneWithImage
    initialize(backbone, backbone.init_cfg)
    backbone.eval()
    return backbone


@pytest.mark.parametrize(('config', 'name', 'suffix', 'loaded', 'total'), BACKBONES)
def test_every_shared_parameter_is_loaded_bit_for_bit(
    config, name, suffix, loaded, total, torch_cache
):
    backbone = load(config, name, suffix, torch_cache).state_dict()
    theirs = timm_model(name).state_dict()
    shared = [key for key in backbone if key in theirs]
    assert (len(shared), len(backbone)) == (loaded, total)
    assert all(torch.equal(backbone[key], theirs[key]) for key in shared)
    assert all(key.startswith('stem_tail.') for key in backbone if key not in theirs)


def test_features_are_those_of_timm(torch_cache):
    """For landmarks HRNetV2 enlarges its maps bilinearly, as a classifier by repetition."""
    backbone = load(HM.format(64), 'hrnet_w18.ms_in1k', 'bin', torch_cache)
    model = timm_model('hrnet_w18.ms_in1k')
    for module in model.modules():
        if isinstance(module, nn.Upsample):
            module.mode, module.align_corners = 'bilinear', False
    images = torch.randn(2, 3, 64, 96)
    with torch.no_grad():
        ours = backbone(images)
        stem = model.act2(model.bn2(model.conv2(model.act1(model.bn1(model.conv1(images))))))
        theirs = model.stages(stem)
    assert len(ours) == len(theirs) == 4
    for our_map, their_map in zip(ours, theirs):
        assert our_map.std() > 1e-3
        torch.testing.assert_close(our_map, their_map, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize('suffix', ['bin', 'safetensors'])
def test_mobilenet_takes_every_parameter_by_another_name(suffix, torch_cache):
    backbone = load(MOBILENET, MOBILENET_FILE, suffix, torch_cache)
    model = timm_model(MOBILENET_FILE)
    backbone.strides = [16]  # its deepest features alone
    backbone.out_indices = backbone.out_indices[-1:]
    backbone.stride = 16
    images = torch.randn(2, 3, 64, 96)
    with torch.no_grad():
        (ours,) = backbone(images)
        theirs = model.blocks[:5](model.bn1(model.conv_stem(images)))
    assert ours.std() > 1e-3
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-5)


def test_a_classifier_of_openmmlab_and_own_weights_are_understood():
    state = MobileNetV2().state_dict()
    stored = {f'backbone.{name}': value for name, value in state.items()}
    found = mobilenet_v2_names({**stored, 'head.fc.weight': torch.ones(1)})
    assert found.keys() == {*state, 'head.fc.weight'}
    assert all(found[name] is value for name, value in state.items())
    assert mobilenet_v2_names(state) == state
    names = {'blocks.1.0.attention.weight': torch.ones(1), 'classifier.bias': torch.ones(1)}
    assert mobilenet_v2_names(names) == names, 'what MMPose does not have'


def test_every_name_of_the_whole_network_is_translated():
    theirs, ours = timm_model(MOBILENET_FILE).state_dict(), MobileNetV2().state_dict()
    found = mobilenet_v2_names(theirs)
    assert found.keys() - ours.keys() == {'classifier.weight', 'classifier.bias'}
    assert all(found[name].shape == value.shape for name, value in ours.items())


def test_repositories_are_known_to_timm():
    known = timm.list_pretrained()
    for source in SOURCES.values():
        owner, name = source.repository.split('/')
        assert owner == 'timm' and name in known
