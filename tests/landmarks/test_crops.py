"""The geometry of crops against the matrices with which MMPose cuts them."""

import numpy as np
import pytest
import torch
from mmpose.structures.bbox import get_udp_warp_matrix, get_warp_matrix

from mmpose_multilat.landmarks import CropGeometry

INPUT_SIZE = 64, 32
CENTRES = np.array([[84.0, 48.0], [10.5, 200.25]])
SIZES = np.array([[60.0, 30.0], [128.0, 64.0]])
LANDMARKS = np.random.default_rng(0).uniform(-20, 80, (2, 5, 2))


def geometry(use_udp, array=np.asarray):
    return CropGeometry(array(CENTRES), array(SIZES), INPUT_SIZE, use_udp)


def matrices(use_udp):
    """(2, 2, 3) from px of the images to input px."""
    make = get_udp_warp_matrix if use_udp else get_warp_matrix
    return np.stack([make(*face, 0, INPUT_SIZE) for face in zip(CENTRES, SIZES)])


@pytest.mark.parametrize('array', [np.asarray, torch.from_numpy])
@pytest.mark.parametrize('use_udp', [False, True])
def test_landmarks_lie_where_mmpose_has_cut_them(use_udp, array):
    cut = matrices(use_udp)
    expected = np.einsum('bij,bkj->bki', cut[..., :2], LANDMARKS) + cut[:, None, :, 2]
    crops = geometry(use_udp, array)
    found = crops.to_input(array(LANDMARKS))
    np.testing.assert_allclose(found, expected, atol=1e-4)  # its matrices are of float32 points
    np.testing.assert_allclose(crops.to_image(found), LANDMARKS, atol=1e-9)


@pytest.mark.parametrize('use_udp', [False, True])
def test_covariances_follow_the_slope_of_the_coordinates(use_udp):
    factor = np.random.default_rng(1).normal(size=(2, 5, 2, 2))
    covariances = factor @ factor.swapaxes(-1, -2)
    slope = np.linalg.inv(matrices(use_udp)[:, None, :, :2])
    found = geometry(use_udp).covariance_to_image(covariances)
    np.testing.assert_allclose(found, slope @ covariances @ slope.swapaxes(-1, -2), rtol=1e-4)


def test_by_hand():
    crop = CropGeometry(np.array([100.0, 50]), np.array([128.0, 96]), INPUT_SIZE)
    np.testing.assert_array_equal(crop.scale, [2, 3])
    found = crop.to_image(np.array([[32.0, 16], [0, 0], [1, 2]]))
    np.testing.assert_array_equal(found, [[100, 50], [36, 2], [38, 8]])
    covariance = np.array([[[1.0, 0.5], [0.5, 2.0]]])
    np.testing.assert_array_equal(crop.covariance_to_image(covariance), [[[4, 3], [3, 18]]])


def test_udp_crops_by_hand():
    """The region reaches from the middle of the first px to that of the last."""
    crop = CropGeometry(np.array([100.0, 50]), np.array([126.0, 93]), INPUT_SIZE, use_udp=True)
    found = crop.to_image(np.array([[0.0, 0], [63, 31]]))
    np.testing.assert_array_equal(found, [[37, 3.5], [163, 96.5]])
    covariance = np.array([[[1.0, 0.5], [0.5, 2.0]]])
    np.testing.assert_array_equal(crop.covariance_to_image(covariance), [[[4, 3], [3, 18]]])


@pytest.mark.parametrize('dtype', [torch.float32, torch.float64])
def test_tensors_keep_their_type(dtype):
    crops = CropGeometry(*(torch.tensor(each, dtype=dtype) for each in (CENTRES, SIZES)), (64, 32))
    places = torch.tensor(LANDMARKS, dtype=dtype)
    assert crops.to_image(places).dtype == crops.to_input(places).dtype == dtype
    assert crops.covariance_to_image(torch.eye(2, dtype=dtype).expand(2, 5, 2, 2)).dtype == dtype
