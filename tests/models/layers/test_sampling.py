"""Features at landmarks against hand-written maps and scipy-free bilinear weights."""

import numpy as np
import pytest
import torch

from mmpose_multilat.models.layers import sample_features


def bilinear(image: np.ndarray, x: float, y: float) -> float:
    """One value between the cells of an (H, W) image, by hand."""
    height, width = image.shape
    x, y = min(max(x, 0), width - 1), min(max(y, 0), height - 1)
    left, top = int(min(x, max(width - 2, 0))), int(min(y, max(height - 2, 0)))
    right, bottom = min(left + 1, width - 1), min(top + 1, height - 1)
    a, b = x - left, y - top
    upper = image[top, left] * (1 - a) + image[top, right] * a
    lower = image[bottom, left] * (1 - a) + image[bottom, right] * a
    return upper * (1 - b) + lower * b


@pytest.mark.parametrize('size', [(5, 7), (4, 4), (2, 3), (1, 1), (1, 4)])
def test_every_channel_of_every_face_is_read_between_its_cells(size):
    numbers = np.random.default_rng(0)
    maps = numbers.normal(size=(2, 3, *size))
    points = numbers.uniform(-2, 8, size=(2, 6, 2))
    found = sample_features(torch.from_numpy(maps), torch.from_numpy(points))
    expected = [
        [[bilinear(channel, *point) for channel in face] for point in places]
        for face, places in zip(maps, points)
    ]
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_a_cell_is_read_at_its_centre():
    maps = torch.arange(12.0).reshape(1, 1, 3, 4)
    points = torch.tensor([[[0.0, 0.0], [3.0, 0.0], [1.0, 2.0], [0.5, 0.0]]])
    found = sample_features(maps, points)[0, :, 0]
    torch.testing.assert_close(found, torch.tensor([0, 3, 9, 0.5]))


def test_gradients_reach_map_and_points():
    maps = torch.rand(1, 2, 4, 4, dtype=torch.float64, requires_grad=True)
    points = torch.tensor([[[1.3, 2.2], [0.4, 0.7]]], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(sample_features, (maps, points))


def test_half_precision_and_no_face():
    half = sample_features(torch.rand(1, 3, 4, 4).half(), torch.rand(1, 5, 2))
    assert half.dtype == torch.float16 and half.shape == (1, 5, 3)
    assert sample_features(torch.rand(0, 3, 4, 4), torch.rand(0, 5, 2)).shape == (0, 5, 3)
