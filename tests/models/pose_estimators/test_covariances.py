import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData, PixelData
from mmpose.codecs import MSRAHeatmap

from mmpose_multilat.codecs import KeyPosS, TwoHot
from mmpose_multilat.models.pose_estimators import (
    add_covariances,
    codecs_with_covariances,
    knows_covariances,
    mirror_covariances,
    require_covariances,
    scale_covariances,
)
from mmpose_multilat.multilateration import encode_gaussian

GEOMETRY = dict(input_size=(64, 32), heatmap_size=(8, 8))


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
        require_covariances(codec)


def test_heatmaps_that_are_too_small_are_refused():
    require_covariances(KeyPosS((64, 64), (4, 4)))
    with pytest.raises(ValueError, match='at least 6 cells'):
        require_covariances(KeyPosS((64, 64), (2, 2)))


def test_covariances_come_from_the_heatmaps_of_each_picture():
    codec = KeyPosS(**GEOMETRY)
    places = torch.tensor([[[3.2, 4.1], [2.5, 3.0]], [[5.0, 4.4], [3.3, 3.7]]])
    heatmaps = encode_gaussian(places, (8, 8), 2.0)
    heatmaps += 0.01 * torch.randn(heatmaps.shape, generator=torch.Generator().manual_seed(0))
    heatmaps[1, 0] = 0  # no landmark
    found = [InstanceData(keypoints=np.zeros((1, 2, 2))) for _ in heatmaps]
    add_covariances(found, [PixelData(heatmaps=each) for each in heatmaps], codec)
    expected = codec.locate_in_input(heatmaps, covariances=True)[2].numpy()
    for instances, each in zip(found, expected):
        np.testing.assert_array_equal(instances.keypoint_covariances, each[None])
    assert np.isnan(found[1].keypoint_covariances[0, 0]).all()
    assert np.isfinite(found[1].keypoint_covariances[0, 1]).all()


def test_nothing_is_added_to_nothing():
    add_covariances([], [], KeyPosS(**GEOMETRY))


def test_heads_without_heatmaps_are_refused():
    found = [InstanceData(keypoints=np.zeros((1, 2, 2)))]
    for fields in (None, [PixelData(displacements=torch.zeros(2, 8, 8))]):
        with pytest.raises(ValueError, match='output_covariances=True needs a head that puts out'):
            add_covariances(found, fields, KeyPosS(**GEOMETRY))


def samples_of(covariance, mean, count=200_000):
    return np.random.default_rng(0).multivariate_normal(mean, covariance, count)


def test_a_mirrored_covariance_is_that_of_mirrored_landmarks():
    covariances = np.array([[[4.0, 1.5], [1.5, 2.0]], [[1.0, -0.5], [-0.5, 3.0]]])
    mirrored = mirror_covariances(covariances[None], [1, 0])
    for place, source in ((0, 1), (1, 0)):
        points = samples_of(covariances[source], (30, 40)) * [-1, 1] + [99, 0]
        np.testing.assert_allclose(mirrored[0, place], np.cov(points.T), atol=0.05)
    np.testing.assert_array_equal(mirror_covariances(mirrored, [1, 0]), covariances[None])


def test_a_scaled_covariance_is_that_of_scaled_landmarks():
    covariance = np.array([[4.0, 1.5], [1.5, 2.0]], dtype=np.float32)
    scaled = scale_covariances(covariance, np.array([0.5, 3.0]))
    points = samples_of(covariance, (30, 40)) * [0.5, 3.0]
    np.testing.assert_allclose(scaled, np.cov(points.T), rtol=0.02)
    assert scaled.dtype == np.float32
