import pytest
import torch
from references import strongest_window

from mmpose_multilat.multilateration import (
    encode_gaussian,
    find_peaks,
    strongest_cells,
    window_offsets,
    window_stations,
)


def test_offsets_run_row_by_row_as_x_y():
    assert window_offsets(2, torch.zeros(())).tolist() == [[0, 0], [1, 0], [0, 1], [1, 1]]


def test_window_by_hand():
    heatmap = torch.tensor([[0.0, 0.1, 0.0], [0.2, 0.9, 0.7], [0.0, 0.8, 0.1]])
    corner, responses = window_stations(heatmap, torch.tensor([1, 1]), kernel_size=2)
    assert corner.tolist() == [1, 1]
    assert responses.tolist() == pytest.approx([0.9, 0.7, 0.8, 0.1])


@pytest.mark.parametrize('edge', ['all', 'official'])
@pytest.mark.parametrize('kernel_size, search_radius', [(2, 1), (2, 2), (3, 2), (4, 3), (6, 6)])
@pytest.mark.parametrize('lowest', [0.0, -0.9])
def test_window_equals_brute_force(kernel_size, search_radius, edge, lowest):
    """Sums may be negative."""
    heatmaps = lowest + torch.rand(60, 8, 9, generator=torch.Generator().manual_seed(2)).double()
    peaks = find_peaks(heatmaps)
    corners, responses = window_stations(heatmaps, peaks.cells, kernel_size, search_radius, edge)
    compared = 0
    for heatmap, corner, values in zip(heatmaps, corners.tolist(), responses):
        expected = strongest_window(heatmap.numpy(), kernel_size, search_radius, edge)
        if expected is None:  # no window lies within the search window of a peak at the border
            continue
        compared += 1
        assert tuple(corner) == expected
        left, top = corner
        window = heatmap[top : top + kernel_size, left : left + kernel_size]
        assert torch.equal(values, window.flatten())
    assert compared >= 40


@pytest.mark.parametrize('cell, corner', [([4, 4], [3, 3]), ([0, 7], [0, 4]), ([8, 1], [5, 0])])
def test_a_window_larger_than_the_search_window_starts_at_its_first_cell(cell, corner):
    heatmap = torch.rand(8, 9, generator=torch.Generator().manual_seed(0))
    found, responses = window_stations(heatmap, torch.tensor(cell), 4, search_radius=1)
    assert found.tolist() == corner
    left, top = corner
    assert torch.equal(responses, heatmap[top : top + 4, left : left + 4].flatten())


@pytest.mark.parametrize('kernel_size', [2, 3, 4])
def test_window_reaches_every_cell_of_a_small_heatmap(kernel_size):
    rows, columns = torch.meshgrid(torch.arange(4.0), torch.arange(4.0), indexing='ij')
    landmarks = torch.stack((columns, rows), -1).reshape(16, 2)
    heatmaps = encode_gaussian(landmarks, (4, 4), 2.0)
    corners, _ = window_stations(heatmaps, landmarks.long(), kernel_size)
    inside = (corners <= landmarks) & (landmarks < corners + kernel_size)
    assert inside.all()
    assert (corners >= 0).all() and (corners + kernel_size <= 4).all()


def test_official_window_never_touches_the_last_row_and_column():
    landmarks = torch.tensor([[3.0, 3.0], [3.0, 0.0], [0.0, 3.0]])
    heatmaps = encode_gaussian(landmarks, (4, 4), 2.0)
    corners, _ = window_stations(heatmaps, landmarks.long(), 2, edge='official')
    assert corners.tolist() == [[1, 1], [1, 0], [0, 1]]


@pytest.mark.parametrize('count', [1, 3, 5, 6, 20, 54])
@pytest.mark.parametrize('batch', [(), (7,), (2, 3)])
def test_strongest_cells_equal_a_full_sort(batch, count):
    heatmaps = torch.rand(*batch, 6, 9, generator=torch.Generator().manual_seed(3))
    cells, responses = strongest_cells(heatmaps, count)
    expected = heatmaps.flatten(-2).sort(-1, descending=True).values[..., :count]
    assert torch.equal(responses, expected)
    flat = cells[..., 1] * 9 + cells[..., 0]
    assert torch.equal(heatmaps.flatten(-2).gather(-1, flat), expected)


def test_strongest_cells_of_one_row():
    heatmap = torch.zeros(8, 8)
    heatmap[5, 2:6] = torch.tensor([0.2, 0.9, 0.8, 0.1])
    cells, _ = strongest_cells(heatmap, 4)
    assert cells.tolist() == [[3, 5], [4, 5], [2, 5], [5, 5]]


def bumps_and_noise(*batch, size=32, noise=0.05, seed=0):
    """Gaussians anywhere, at the border too; every third heatmap is noise alone."""
    generator = torch.Generator().manual_seed(seed)
    landmarks = torch.rand(*batch, 2, generator=generator) * (size - 1)
    heatmaps = encode_gaussian(landmarks, (size, size), 2.0)
    heatmaps[..., ::3, :, :] = 0
    return heatmaps + noise * torch.randn(heatmaps.shape, generator=generator)


@pytest.mark.parametrize('known', [False, True])
@pytest.mark.parametrize('in_order', [False, True])
@pytest.mark.parametrize('count', [1, 2, 10, 25, 40])
def test_window_round_the_peak_gives_what_a_full_sort_gives(count, in_order, known):
    heatmaps = bumps_and_noise(4, 30)
    peaks = find_peaks(heatmaps) if known else None
    cells, responses = strongest_cells(heatmaps, count, peaks, in_order)
    expected = heatmaps.flatten(-2).sort(-1, descending=True).values[..., :count]
    if not in_order:
        responses, order = responses.sort(-1, descending=True)
        cells = cells.gather(-2, order.unsqueeze(-1).expand_as(cells))
    assert torch.equal(responses, expected)
    flat = cells[..., 1] * 32 + cells[..., 0]
    assert torch.equal(heatmaps.flatten(-2).gather(-1, flat), expected)


def test_one_heatmap_without_a_batch():
    heatmap = bumps_and_noise(6)[4]
    _, responses = strongest_cells(heatmap, 10)
    assert torch.equal(responses, heatmap.flatten().sort(descending=True).values[:10])


def test_two_bumps_share_the_strongest_cells():
    landmarks = torch.tensor([[8.0, 8.0], [24.0, 20.0]])
    heatmap = encode_gaussian(landmarks, (32, 32), 2.0).sum(0)
    cells, _ = strongest_cells(heatmap, 10)
    near_first = (cells - landmarks[0]).norm(dim=-1) < 3
    near_second = (cells - landmarks[1]).norm(dim=-1) < 3
    assert near_first.sum() == near_second.sum() == 5


def test_gradient_reaches_the_strongest_cells_and_no_others():
    heatmaps = bumps_and_noise(7).double().requires_grad_()
    cells, responses = strongest_cells(heatmaps, 5)
    weights = torch.rand(responses.shape, generator=torch.Generator().manual_seed(1)).double()
    (gradient,) = torch.autograd.grad((responses * weights).sum(), heatmaps)
    expected = torch.zeros_like(gradient).flatten(-2)
    expected.scatter_(-1, cells[..., 1] * 32 + cells[..., 0], weights)
    assert torch.equal(gradient, expected.view_as(gradient))
