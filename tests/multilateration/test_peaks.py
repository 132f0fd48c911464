import pytest
import torch

from mmpose_multilat.multilateration import accept_refinement, find_peaks, largest_shift

nan, inf = float('nan'), float('inf')


def test_peak_by_hand():
    peaks = find_peaks(torch.tensor([[0.1, 0.2, 0.0], [0.3, 0.0, 0.9]]))
    assert peaks.cells.tolist() == [2, 1]
    assert peaks.responses.item() == pytest.approx(0.9)
    assert peaks.trusted.item() is True


@pytest.mark.parametrize('batch', [(), (4,), (2, 3), (0,)])
def test_peaks_equal_argmax(batch):
    heatmaps = torch.rand(*batch, 6, 9, generator=torch.Generator().manual_seed(1))
    peaks = find_peaks(heatmaps)
    index = heatmaps.flatten(-2).argmax(-1)
    assert torch.equal(peaks.cells, torch.stack((index % 9, index // 9), -1))
    assert torch.equal(peaks.responses, heatmaps.amax((-2, -1)))
    assert peaks.trusted.all()


@pytest.mark.parametrize(
    'heatmap, cell, response',
    [
        ([[nan, 0.5], [0.2, 0.1]], [1, 0], 0.5),
        ([[inf, 0.5], [0.2, 0.7]], [1, 1], 0.7),
        ([[-inf, 0.5], [0.2, 0.7]], [1, 1], 0.7),
        ([[0.0, 0.0], [0.0, 0.0]], [0, 0], 0.0),
        ([[0.4, 0.4], [0.4, 0.4]], [0, 0], 0.4),
        ([[-3.0, -1.0], [-2.0, -4.0]], [1, 0], -1.0),
    ],
)
def test_faulty_heatmaps_give_the_best_finite_cell_without_trust(heatmap, cell, response):
    peaks = find_peaks(torch.tensor(heatmap))
    assert peaks.cells.tolist() == cell
    assert peaks.responses.item() == pytest.approx(response)
    assert peaks.trusted.item() is False


def test_all_nan_gives_a_finite_peak():
    peaks = find_peaks(torch.full((2, 2), nan))
    assert peaks.cells.tolist() == [0, 0]
    assert peaks.responses.isfinite()


def test_a_very_wide_bump_is_not_taken_for_a_constant():
    wide = torch.exp(-torch.arange(4.0).square() / (2 * 100**2))
    assert find_peaks(wide.outer(wide)).trusted.item() is True


def test_refinement_is_refused_when_far_or_nan():
    peaks = find_peaks(torch.tensor([[0.0, 0.0, 0.8]]).expand(3, 1, 3))
    coordinates = torch.tensor([[1.5, 0.0], [2.0, nan], [9.1, 0.0]])
    accepted, scores = accept_refinement(peaks, coordinates, largest_shift(2.0))
    assert accepted.tolist() == [[1.5, 0.0], [2.0, 0.0], [2.0, 0.0]]
    assert scores.tolist() == pytest.approx([0.8, 0.0, 0.0])
