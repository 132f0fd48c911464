import pytest
import torch
from mmpose.registry import MODELS

PLAIN = dict(type='ResNet', depth=18, out_indices=(1, 2))


def build(**settings):
    return MODELS.build(dict(type='BackboneWithImage', backbone=PLAIN, **settings)).eval()


def test_image_is_last_and_features_are_those_of_the_backbone():
    images = torch.randn(2, 3, 64, 64)
    network = build(image_size=(32, 32))
    *feats, image = network(images)
    for found, expected in zip(feats, network.backbone(images)):
        assert torch.equal(found, expected)
    torch.testing.assert_close(image, torch.nn.functional.avg_pool2d(images, 2))


def test_image_of_the_same_size_is_the_image():
    images = torch.randn(1, 3, 32, 64)
    assert torch.equal(build(image_size=(64, 32))(images)[-1], images)


def test_neck_sees_features_alone():
    network = build(image_size=(32, 32), neck=dict(type='FeatureMapProcessor', concat=True))
    features, image = network(torch.randn(1, 3, 64, 64))
    assert features.shape == (1, 128 + 256, 8, 8) and image.shape == (1, 3, 32, 32)


def test_initialisation_is_the_backbone_s():
    constant = dict(type='Constant', layer='Conv2d', val=0.5)
    network = build(init_cfg=constant)
    network.init_weights()
    assert (network.backbone.conv1.weight == 0.5).all()
    other = build()
    other.init_weights()
    assert not (other.backbone.conv1.weight == 0.5).all()


def test_refused():
    with pytest.raises(ValueError, match='image_size'):
        build(image_size=(32,))
