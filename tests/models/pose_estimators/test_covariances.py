import numpy as np
import pytest
import torch
from mmpose.codecs import MSRAHeatmap
from mmpose.structures import PoseDataSample
from torch import nn

from mmpose_multilat.codecs import KeyPosS, TwoHot
from mmpose_multilat.models.heads import to_instances
from mmpose_multilat.models.pose_estimators import (
    codecs_with_covariances,
    crop_of,
    knows_covariances,
    require_covariances,
    tells_covariances,
)
from mmpose_multilat.multilateration import encode_gaussian

GEOMETRY = dict(input_size=(64, 32), heatmap_size=(8, 8))


def head_with(codec):
    """What is asked of a head: its codec."""
    head = nn.Module()
    head.decoder = codec
    return head


def test_codecs_that_tell_covariances():
    names = codecs_with_covariances()
    assert {'GaussianMLE', 'KeyPosS', 'POPoS'} <= set(names)
    assert not {'OneHot', 'TwoHot', 'Dark', 'MSRAHeatmap'} & set(names)
    assert knows_covariances(KeyPosS(**GEOMETRY)) and not knows_covariances(TwoHot(**GEOMETRY))


@pytest.mark.parametrize(
    'codec, name',
    [
        (TwoHot(**GEOMETRY), 'TwoHot'),
        (MSRAHeatmap(**GEOMETRY, sigma=2), 'MSRAHeatmap'),
        (None, 'None'),
    ],
)
def test_other_codecs_are_refused(codec, name):
    message = f'decoder is {name}, which tells no covariances; decode with one of .*KeyPosS'
    with pytest.raises(ValueError, match=message):
        require_covariances(head_with(codec))


def test_heatmaps_that_are_too_small_are_refused():
    require_covariances(head_with(KeyPosS((64, 64), (4, 4))))
    with pytest.raises(ValueError, match='at least 6 cells'):
        require_covariances(head_with(KeyPosS((64, 64), (2, 2))))


def test_which_codecs_are_content():
    assert tells_covariances(head_with(KeyPosS(**GEOMETRY)))
    silent = (None, TwoHot(**GEOMETRY), KeyPosS((64, 64), (2, 2)))
    assert not any(tells_covariances(head_with(each)) for each in silent)


def test_covariances_come_from_the_heatmaps_of_each_image():
    codec = KeyPosS(**GEOMETRY)
    places = torch.tensor([[[3.2, 4.1], [2.5, 3.0]], [[5.0, 4.4], [3.3, 3.7]]])
    heatmaps = encode_gaussian(places, (8, 8), 2.0)
    heatmaps += 0.01 * torch.randn(heatmaps.shape, generator=torch.Generator().manual_seed(0))
    heatmaps[1, 0] = 0  # no landmark
    together = codec.locate_in_input(heatmaps, covariances=True)
    found = to_instances(together, codec)
    for face, instances in enumerate(found):
        alone = codec.locate_in_input(heatmaps[face : face + 1], covariances=True)
        np.testing.assert_allclose(instances.keypoint_covariances, alone.covariances, rtol=1e-5)
    assert np.isnan(found[1].keypoint_covariances[0, 0]).all()
    assert np.isfinite(found[1].keypoint_covariances[0, 1]).all()


def test_nothing_is_added_to_nothing():
    codec = KeyPosS(**GEOMETRY)
    nothing = codec.locate_in_input(torch.zeros(0, 2, 8, 8), covariances=True)
    assert to_instances(nothing, codec) == []


def test_a_crop_with_other_scales_along_x_and_y():
    """As `MultilaterationPoseEstimator` brings covariances into the image."""
    sample = PoseDataSample(
        metainfo=dict(input_center=(0, 0), input_scale=(32, 96), input_size=(64, 32))
    )
    covariance = np.array([[4.0, 1.5], [1.5, 2.0]])
    moved = crop_of(sample).covariance_to_image(covariance[None])[0]
    points = np.random.default_rng(0).multivariate_normal((30, 40), covariance, 200_000)
    np.testing.assert_allclose(moved, np.cov((points * [0.5, 3.0]).T), rtol=0.02)
