"""Crops without MMPose are those of MMPose, to the bit."""

import numpy as np
import pytest
from crop_pipelines import usual_pipeline
from mmpose.structures.bbox import get_udp_warp_matrix, get_warp_matrix

from mmpose_multilat.deploy.probes import with_channels
from mmpose_multilat.inference.boxes import Box
from mmpose_multilat.inference.crops import AffineCropper, warp_matrix
from mmpose_multilat.inference.frames import Frame
from mmpose_multilat.inference.inputs import Source
from mmpose_multilat.inference.pipeline_crops import PipelineCropper
from mmpose_multilat.inference.readings import GREY, STORED, reading_as
from mmpose_multilat.landmarks import CropGeometry

SIZES = [(64, 32), (96, 96), (37, 80)]
BOXES = [
    Box(60, 40, 48, 16),
    Box(60.25, 40.7, 13.3, 61.9),
    Box(-500, -300, 1000.5, 700.1),
    Box(0, 0, 1, 1),
    Box(199.5, 119.5, 3, 3),
    Box(1e5, 2, 1e6, 1e6),
    *(Box(*box) for box in np.random.default_rng(1).uniform(-20, 150, (20, 4)).tolist()),
]


def image():
    return np.random.default_rng(0).integers(0, 256, (120, 200, 3), np.uint8)


def frame(shown=None):
    return Frame(Source('image', 'a.jpg'), image(), shown=shown)


@pytest.mark.parametrize('use_udp', [False, True])
@pytest.mark.parametrize('padding', [1.0, 1.25, 1.3])
@pytest.mark.parametrize('size', SIZES)
def test_crops_are_those_of_mmpose(size, padding, use_udp):
    expected = PipelineCropper(usual_pipeline(size, padding, use_udp))
    cut = AffineCropper(size, padding, use_udp)
    for box in BOXES:
        if box.width > 0 and box.height > 0:
            first, second = expected(frame(), box), cut(frame(), box)
            np.testing.assert_array_equal(second.image, first.image)
            assert second.image.dtype == first.image.dtype
            np.testing.assert_array_equal(second.region.centre, first.region.centre)
            np.testing.assert_array_equal(second.region.size, first.region.size)
            assert second.region.input_size == first.region.input_size == size
            assert second.region.use_udp == first.region.use_udp == use_udp


@pytest.mark.parametrize('color_type, channels', [(GREY, 1), (STORED, 1), (STORED, 4)])
def test_images_with_other_channels(color_type, channels):
    shown = with_channels(image(), channels)
    shown = shown[..., 0] if channels == 1 else shown
    expected = PipelineCropper(usual_pipeline((64, 32), color_type=color_type), channels=channels)
    cut = AffineCropper((64, 32), 1.25, reading=reading_as(color_type, channels))
    assert cut.reading == expected.reading
    found = cut(frame(shown), BOXES[1]).image
    assert found.shape == (32, 64, channels)
    np.testing.assert_array_equal(found, expected(frame(shown), BOXES[1]).image)


@pytest.mark.parametrize('use_udp', [False, True])
def test_matrices_are_those_of_mmpose(use_udp):
    matrix_of = get_udp_warp_matrix if use_udp else get_warp_matrix
    numbers = np.random.default_rng(2).uniform(1, 900, (200, 3)).astype(np.float32)
    for x, y, side in numbers:
        centre, size = np.array([x, y]), np.array([side, side / 2])
        expected = matrix_of(centre, size, 0.0, (64, 32))
        found = warp_matrix(CropGeometry(centre, size, (64, 32), use_udp))
        np.testing.assert_array_equal(found, expected)
