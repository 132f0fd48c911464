import pytest
import torch

from mmpose_multilat.multilateration import (
    accept_refinement,
    encode_gaussian,
    find_peaks,
    largest_shift,
)
from mmpose_multilat.multilateration import (
    peaks as peaks_module,
)

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


@pytest.fixture(params=[True, False], ids=['branches', 'branch-free'])
def way(request, monkeypatch):
    """Both ways of treating NaN and infinity: on the CPU, and in graphs and on GPUs."""
    monkeypatch.setattr(peaks_module, 'can_branch_on_data', lambda _: request.param)


@pytest.mark.parametrize(
    'heatmap, cell, response',
    [
        ([[nan, 0.5], [0.2, 0.1]], [1, 0], 0.5),
        ([[inf, 0.5], [0.2, 0.7]], [1, 1], 0.7),
        ([[-inf, 0.5], [0.2, 0.7]], [1, 1], 0.7),
        ([[0.0, 0.0], [0.0, 0.0]], [0, 0], 0.0),
        ([[0.4, 0.4], [0.4, 0.4]], [0, 0], 0.4),
        ([[-3.0, -1.0], [-2.0, -4.0]], [1, 0], -1.0),
        ([[-3.0, -1.0], [-2.0, 0.0]], [1, 1], 0.0),
    ],
)
def test_faulty_heatmaps_give_the_best_finite_cell_without_trust(way, heatmap, cell, response):
    peaks = find_peaks(torch.tensor(heatmap))
    assert peaks.cells.tolist() == cell
    assert peaks.responses.item() == pytest.approx(response)
    assert peaks.trusted.item() is False


def test_all_nan_gives_a_finite_peak(way):
    peaks = find_peaks(torch.full((2, 2), nan))
    assert peaks.cells.tolist() == [0, 0]
    assert peaks.responses.isfinite()


def test_a_very_wide_bump_is_not_taken_for_a_constant():
    wide = torch.exp(-torch.arange(4.0).square() / (2 * 100**2))
    assert find_peaks(wide.outer(wide)).trusted.item() is True


@pytest.mark.parametrize('value', [0.1, 0.3, 0.7])
@pytest.mark.parametrize('dtype', [torch.float16, torch.float32, torch.float64])
def test_the_rounding_of_a_sum_does_not_make_a_constant_trusted(value, dtype):
    assert find_peaks(torch.full((63, 57), value, dtype=dtype)).trusted.item() is False


def test_sums_beyond_half_precision_are_trusted():
    heatmap = torch.full((32, 32), 100.0, dtype=torch.float16)  # the largest number is 65504
    heatmap[5, 7] = 1000
    peaks = find_peaks(heatmap)
    assert peaks.trusted.item() is True and peaks.cells.tolist() == [7, 5]


@pytest.mark.parametrize(
    'coordinate, accepted',
    [([2.0, 5.0], True), ([2.0, 5.01], False), ([5.0, 4.0], True), ([5.1, 4.1], False)],
)
def test_the_limit_is_a_distance_and_belongs_to_what_is_accepted(coordinate, accepted):
    peaks = find_peaks(torch.tensor([[0.0, 0.0, 0.8]]))
    found, score = accept_refinement(peaks, torch.tensor(coordinate), limit=5.0)
    assert found.tolist() == pytest.approx(coordinate if accepted else [2, 0])
    assert (score > 0).item() is accepted


def test_refinement_is_refused_when_far_or_nan():
    peaks = find_peaks(torch.tensor([[0.0, 0.0, 0.8]]).expand(3, 1, 3))
    coordinates = torch.tensor([[1.5, 0.0], [2.0, nan], [9.1, 0.0]])
    accepted, scores = accept_refinement(peaks, coordinates, largest_shift(2.0))
    assert accepted.tolist() == [[1.5, 0.0], [2.0, 0.0], [2.0, 0.0]]
    assert scores.tolist() == pytest.approx([0.8, 0.0, 0.0])


def test_sound_heatmaps_beside_a_faulty_one_keep_their_peaks(way):
    heatmaps = torch.rand(3, 4, 5, generator=torch.Generator().manual_seed(0))
    expected = find_peaks(heatmaps[1:])
    heatmaps[0, 2, 2] = nan
    found = find_peaks(heatmaps)
    assert found.trusted.tolist() == [False, True, True]
    for name in ('cells', 'responses', 'row_maxima'):
        assert torch.equal(getattr(found, name)[1:], getattr(expected, name))


def test_row_maxima(way):
    heatmaps = torch.rand(2, 3, 4, 5, generator=torch.Generator().manual_seed(0))
    assert torch.equal(find_peaks(heatmaps).row_maxima, heatmaps.amax(-1))


@pytest.mark.parametrize('shape', [(3, 6, 9), (2, 3, 6, 9)])
def test_landmarks_may_be_neighbours_in_memory(way, shape):
    heatmaps = torch.rand(shape, generator=torch.Generator().manual_seed(0))
    landmarks_last = heatmaps.movedim(-3, -1).contiguous().movedim(-1, -3)
    for found, expected in zip(find_peaks(landmarks_last), find_peaks(heatmaps)):
        torch.testing.assert_close(found, expected)


def test_response_has_the_gradient_of_the_strongest_cell(way):
    heatmap = encode_gaussian(torch.tensor([2.2, 3.1]), (6, 5), 2.0).requires_grad_()
    (gradient,) = torch.autograd.grad(find_peaks(heatmap).responses, heatmap)
    assert gradient.nonzero().tolist() == [[3, 2]] and gradient[3, 2] == 1
