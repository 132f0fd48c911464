import numpy as np
import pytest
import torch
from references import linear_least_squares, strongest_window

from mmpose_multilat.codecs import KeyPosS
from mmpose_multilat.multilateration import encode_gaussian


def noisy_heatmaps(count, size, seed=0):
    generator = torch.Generator().manual_seed(seed)
    landmarks = torch.rand(count, 2, generator=generator).double() * (size - 1)
    heatmaps = encode_gaussian(landmarks, (size, size), 2.0)
    return (heatmaps + 0.01 * torch.rand(heatmaps.shape, generator=generator)).clamp(min=1e-3)


@pytest.mark.parametrize('kernel_size, search_radius', [(2, 2), (3, 2), (4, 3), (6, 5)])
def test_equals_the_equations_of_the_paper(kernel_size, search_radius):
    codec = KeyPosS((256, 256), (16, 16), kernel_size=kernel_size, search_radius=search_radius)
    heatmaps = noisy_heatmaps(30, 16)
    coordinates, _, _ = codec.locate(heatmaps)
    for heatmap, found in zip(heatmaps.numpy(), coordinates.numpy()):
        left, top = strongest_window(heatmap, kernel_size, search_radius)
        cells = [(left + i, top + j) for j in range(kernel_size) for i in range(kernel_size)]
        stations = np.array(cells, dtype=float)
        responses = np.array([heatmap[y, x] for x, y in cells])
        expected = linear_least_squares(stations, -2 * 2.0**2 * np.log(responses))
        np.testing.assert_allclose(found, expected, atol=1e-8)


@pytest.mark.parametrize('height', [0.2, 3.0])
@pytest.mark.parametrize('kernel_size', [2, 3, 4])
def test_does_not_depend_on_the_height_of_the_peak(kernel_size, height):
    landmarks = torch.tensor([[1.3, 2.1], [0.2, 2.9], [3.7, 3.2]])
    heatmaps = height * encode_gaussian(landmarks, (4, 4), 2.0)
    coordinates, _, _ = KeyPosS((256, 256), (4, 4), kernel_size=kernel_size).locate(heatmaps)
    torch.testing.assert_close(coordinates, landmarks, atol=1e-4, rtol=0)


def test_official_edge_differs_only_in_its_window():
    heatmap = encode_gaussian(torch.tensor([3.0, 3.0]), (4, 4), 2.0)
    heatmap[3, 3] *= 0.9  # spoils the last cell, which the official window never sees
    official, _, _ = KeyPosS((256, 256), (4, 4), edge='official').locate(heatmap)
    torch.testing.assert_close(official, torch.tensor([3.0, 3.0]), atol=1e-4, rtol=0)
    ours, _, _ = KeyPosS((256, 256), (4, 4)).locate(heatmap)
    assert (ours - 3).norm() > 0.1


@pytest.mark.parametrize(
    'size, wrong, message',
    [
        ((16, 16), dict(kernel_size=1), 'from 2 to 6'),
        ((16, 16), dict(kernel_size=7), 'from 2 to 6'),
        ((16, 16), dict(kernel_size=2.5), 'whole number'),
        ((4, 5), dict(kernel_size=5), r'from 2 to 4 for heatmap_size=\(4, 5\)'),
        ((4, 4), dict(kernel_size=4, edge='official'), "from 2 to 3 .* edge='official'"),
        ((16, 16), dict(edge='none'), r"use one of \('all', 'official'\)"),
        ((16, 16), dict(search_radius=0), 'search_radius=0 must be a whole number of at least 1'),
    ],
)
def test_wrong_arguments_are_refused(size, wrong, message):
    with pytest.raises(ValueError, match=message):
        KeyPosS((256, 256), size, **wrong)
