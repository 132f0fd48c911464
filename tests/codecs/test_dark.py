import numpy as np
import pytest
from mmpose.codecs import MSRAHeatmap

from mmpose_multilat.codecs import Dark


@pytest.mark.parametrize('kernel_size', [3, 7, 11])
@pytest.mark.parametrize('size', [(64, 64), (16, 24), (8, 8), (4, 4)])
@pytest.mark.parametrize('noise', [0.0, 0.02])
def test_equals_mmpose(size, noise, kernel_size):
    random = np.random.default_rng(0)
    stock = MSRAHeatmap((256, 256), size, 2, unbiased=True, blur_kernel_size=kernel_size)
    keypoints = random.uniform(0, 255, (1, 60, 2)).astype(np.float32)
    heatmaps = stock.encode(keypoints)['heatmaps']
    heatmaps += noise * random.standard_normal(heatmaps.shape).astype(np.float32)
    expected, expected_scores = stock.decode(heatmaps)
    found, scores = Dark((256, 256), size, blur_kernel_size=kernel_size).decode(heatmaps)
    np.testing.assert_allclose(scores[scores > 0], expected_scores[scores > 0], rtol=1e-6)
    usable = np.linalg.norm(expected - found, axis=-1) < 0.05
    # MMPose keeps solutions that lie further out than any label; here they are refused (score 0).
    assert (usable | (scores == 0)).all()
    assert usable.mean() > 0.9


@pytest.mark.parametrize('kernel_size, message', [(4, 'must be odd'), (0, 'at least 1')])
def test_wrong_kernel_is_refused(kernel_size, message):
    with pytest.raises(ValueError, match=message):
        Dark((256, 256), (16, 16), blur_kernel_size=kernel_size)
