import numpy as np
import pytest

from mmpose_multilat.datasets.synthetic.appearance import Photograph
from mmpose_multilat.datasets.synthetic.photograph import expose, motion_kernel

CLEAN = Photograph(
    blur=0.0, motion=0.0, motion_angle=0.0, noise=0.0, contrast=1.0, grey=False, jpeg_quality=90
)


def test_clean_camera_only_rounds():
    image = np.array([[[12.4, 300.0, -5.0]]], np.float32)
    result = expose(image, CLEAN, np.random.default_rng(0))
    assert result.tolist() == [[[12, 255, 0]]]


@pytest.mark.parametrize('angle', [0.0, 30.0, 90.0, 135.0])
def test_motion_does_not_move_anything(angle):
    kernel = motion_kernel(6.0, angle)
    assert kernel.sum() == pytest.approx(1.0, abs=1e-5)
    np.testing.assert_allclose(kernel, kernel[::-1, ::-1], atol=1e-6)


def test_horizontal_motion_smears_along_the_row_only():
    kernel = motion_kernel(4.0, 0.0)
    assert kernel[len(kernel) // 2].sum() == pytest.approx(1.0)
