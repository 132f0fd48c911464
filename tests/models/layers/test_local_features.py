import pytest
import torch

from mmpose_multilat.models.layers import HeatmapFeatures, ImageFeatures


@pytest.mark.parametrize('halvings', [0, 1, 2, 3])
def test_images_are_halved_down_to_the_coarsest_scale(halvings):
    features = ImageFeatures(32, halvings)(torch.randn(2, 3, 32, 48))
    assert features.shape == (2, 32, 32 >> halvings, 48 >> halvings)


def test_descriptors_have_both_signs():
    features = ImageFeatures(16, 1)(torch.randn(2, 3, 16, 16))
    assert (features < 0).any() and (features > 0).any()


def test_heatmaps_are_described_at_every_scale_coarsest_first():
    maps = HeatmapFeatures(5, (32, 16, 8))(torch.rand(2, 5, 16, 16))
    assert [tuple(each.shape) for each in maps] == [(2, 32, 4, 4), (2, 16, 8, 8), (2, 8, 16, 16)]


def test_refused():
    with pytest.raises(ValueError, match='halvings=-1'):
        ImageFeatures(16, -1)
