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
def test_window_equals_brute_force(kernel_size, search_radius, edge):
    heatmaps = torch.rand(60, 8, 9, generator=torch.Generator().manual_seed(2)).double()
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
