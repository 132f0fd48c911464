import math

import numpy as np
import pytest
import torch
from references import gaussian

from mmpose_multilat.multilateration import (
    choose_outside,
    encode_gaussian,
    find_peaks,
    locate_beyond_box,
    most_in_line,
)

SIGMA = 2.0
FAR = math.exp(-4 / 8)  # the response two cells away: d^2 = 4, 2 sigma^2 = 8


def follow(heatmaps, coordinates=None, reach=0.0):
    """Starting from the strongest cells, as one-hot decoding does, unless told otherwise."""
    peaks = find_peaks(heatmaps)
    if coordinates is None:
        coordinates = peaks.cells.to(peaks.responses.dtype)
    return locate_beyond_box(heatmaps, peaks, coordinates, SIGMA, reach)


def slow_twin(heatmap, own, reach):
    """One heatmap (H, W) by the words of the docstring, in numpy."""
    own = np.asarray(own, dtype=float)
    height, width = heatmap.shape
    row, column = np.unravel_index(heatmap.argmax(), heatmap.shape)
    cell, last = np.array([column, row]), np.array([width - 1, height - 1])
    outward = (cell == last).astype(int) - (cell == 0)
    square = -8 * np.log(min(heatmap[row, column], 1))
    depths = []
    for axis in range(2):
        x, y = cell - outward * (np.arange(2) == axis)
        difference = -8 * np.log(max(heatmap[y, x], 1e-6) / heatmap[row, column])
        depths.append((difference - 1) / 2 if outward[axis] else 0.0)
    depths = np.array(depths)
    slide = np.where(outward == 0, np.clip(own - cell, -0.5, 0.5), 0)
    rest = square - (slide**2).sum()
    nearest = max(reach, math.sqrt(0.5))
    if depths.max() <= 0 or rest <= nearest**2 or square > 7**2:
        return own
    return cell + slide + math.sqrt(rest) * outward * depths / np.linalg.norm(depths)


def test_a_side_by_hand():
    heatmap = torch.tensor([[0.1, 0.1, 0.1], [FAR, 0.3, 0.1], [0.2, 0.1, 0.1]])
    torch.testing.assert_close(follow(heatmap), torch.tensor([-2.0, 1.0]))
    torch.testing.assert_close(follow(heatmap.T), torch.tensor([1.0, -2.0]))
    torch.testing.assert_close(follow(heatmap.flip(-1)), torch.tensor([4.0, 1.0]))
    torch.testing.assert_close(follow(heatmap.T.flip(0)), torch.tensor([1.0, 4.0]))


def test_along_the_side_the_coordinate_is_the_decoder_s_own_within_half_a_cell():
    heatmap = torch.tensor([[0.1, 0.1, 0.1], [FAR, 0.3, 0.1], [0.2, 0.1, 0.1]])
    found = follow(heatmap, torch.tensor([-0.7, 1.3]))
    torch.testing.assert_close(found, torch.tensor([-math.sqrt(4 - 0.3**2), 1.3]))
    found = follow(heatmap, torch.tensor([3.0, -1.0]))  # an answer that strayed
    torch.testing.assert_close(found, torch.tensor([-math.sqrt(4 - 0.5**2), 0.5]))


def test_a_corner_by_hand():
    """Seen from (2, 0) at distance 2: along x at 1.2, along y at 1.6, both outward."""
    inner_x, inner_y = (math.exp(-(2.2**2 + 1.6**2) / 8), math.exp(-(1.2**2 + 2.6**2) / 8))
    heatmap = torch.tensor([[0.01, inner_x, FAR], [0.01, 0.01, inner_y]])
    torch.testing.assert_close(follow(heatmap), torch.tensor([3.2, -1.6]))
    torch.testing.assert_close(follow(heatmap, torch.tensor([1.0, 1.0])), torch.tensor([3.2, -1.6]))


def test_a_landmark_can_lie_beyond_one_side_of_a_corner_cell_only():
    landmark = (-2.0, 0.4)  # its strongest cell is (0, 0), in whose row it lies
    heatmap = torch.from_numpy(gaussian(landmark, 5, 4, SIGMA))
    torch.testing.assert_close(follow(heatmap), torch.tensor(landmark).double())


@pytest.mark.parametrize('size', [(2, 2), (4, 4), (9, 5), (16, 16)])
@pytest.mark.parametrize('reach', [0.0, 1.5])
def test_equals_its_slow_twin(size, reach):
    generator = torch.Generator().manual_seed(0)
    spread = torch.tensor(size) + 9
    landmarks = torch.rand(300, 2, generator=generator).double() * spread - 5
    heatmaps = encode_gaussian(landmarks, size, SIGMA)
    heatmaps = (heatmaps + 0.03 * torch.randn(heatmaps.shape, generator=generator)).clamp(min=1e-3)
    own = find_peaks(heatmaps).cells + torch.randn(300, 2, generator=generator).double() * 0.4
    found = follow(heatmaps, own, reach)
    expected = [slow_twin(*each, reach) for each in zip(heatmaps.numpy(), own.numpy())]
    np.testing.assert_allclose(found.numpy(), np.stack(expected), atol=1e-9)
    assert 0 < (found != own).any(-1).sum() < len(own)


@pytest.mark.parametrize('height', [0.9, 0.6, 0.3])
def test_a_weak_bump_inside_is_not_sent_out(height):
    landmarks = torch.cartesian_prod(*[torch.tensor([0.1, 0.4, 2.0, 2.6, 2.9])] * 2)
    heatmaps = height * encode_gaussian(landmarks, (4, 4), SIGMA)
    cells = find_peaks(heatmaps).cells.float()
    assert torch.equal(follow(heatmaps), cells)


def test_strong_cells_and_cells_inside_stay():
    border = torch.tensor([[0.1, 0.1, 0.1], [1.7, 0.3, 0.1], [0.2, 0.1, 0.1]])
    inside = torch.tensor([[0.1, 0.1, 0.1], [0.1, 0.3, 0.1], [0.2, 0.1, 0.1]])
    assert follow(border).tolist() == [0, 1] and follow(inside).tolist() == [1, 1]


def test_a_response_that_no_label_has_is_not_a_distance():
    """exp(-49 / 8) = 0.0022: 3 sigma + 1 = 7 cells away."""
    heatmaps = torch.zeros(2, 4, 4)
    heatmaps[:, 1, 0] = torch.tensor([0.0023, 0.0021])
    found = follow(heatmaps)
    assert found[0, 0].item() == pytest.approx(-math.sqrt(-8 * math.log(0.0023)), abs=1e-4)
    assert found[1].tolist() == [0, 1]


@pytest.mark.parametrize(
    'reach, distance, leaves',
    [(0.0, 0.69, False), (0.0, 0.72, True), (2.0, 1.98, False), (2.0, 2.02, True)],
)
def test_within_its_reach_the_decoder_is_believed(reach, distance, leaves):
    heatmap = encode_gaussian(torch.tensor([-distance, 2.0]), (5, 5), SIGMA)
    own = torch.tensor([0.25, 2.0])
    assert bool((follow(heatmap, own, reach) != own).any()) == leaves


@pytest.mark.parametrize('spoiled', [torch.nan, torch.inf])
def test_heatmaps_that_are_not_trusted_stay(spoiled):
    heatmaps = encode_gaussian(torch.tensor([[-2.0, 2.0], [-2.0, 2.0]]), (5, 5), SIGMA)
    heatmaps[0, 4, 4] = spoiled
    own = torch.tensor([[0.0, 2.0], [0.0, 2.0]])
    found = follow(heatmaps, own)
    assert torch.equal(found[0], own[0])
    torch.testing.assert_close(found[1], torch.tensor([-2.0, 2.0]))


def test_gradients():
    landmarks = torch.tensor([[-2.0, 2.2], [5.3, 5.9], [6.0, 0.3], [2.2, 1.9]])
    heatmaps = encode_gaussian(landmarks.double(), (5, 5), SIGMA).requires_grad_()
    own = (find_peaks(heatmaps).cells + 0.1).double().requires_grad_()
    assert torch.autograd.gradcheck(follow, (heatmaps, own))
    constant = torch.full((3, 3), 0.5, requires_grad=True)
    (gradient,) = torch.autograd.grad(follow(constant, constant[0, :2]).sum(), constant)
    assert gradient.isfinite().all()


def test_gradients_of_a_landmark_in_the_centre_of_a_border_cell_are_finite():
    heatmap = encode_gaussian(torch.tensor([0.0, 2.0]), (5, 5), SIGMA).requires_grad_()
    (gradient,) = torch.autograd.grad(follow(heatmap).sum(), heatmap)
    assert (gradient == 0).all()


@pytest.mark.parametrize('spoiled', [torch.nan, torch.inf])
def test_gradients_of_heatmaps_that_stay_are_finite(spoiled):
    """Even where the neighbour that tells the depth is not finite."""
    heatmaps = encode_gaussian(torch.tensor([[-2.0, 2.0], [-2.0, 2.0]]), (5, 5), SIGMA)
    heatmaps[0, 2, 1] = spoiled
    heatmaps.requires_grad_()
    (gradient,) = torch.autograd.grad(follow(heatmaps).sum(), heatmaps)
    assert (gradient[0] == 0).all() and gradient[1].isfinite().all() and gradient[1].any()


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_dtypes_and_leading_shapes(dtype):
    heatmaps = encode_gaussian(torch.tensor([-2.0, 2.0]), (5, 5), SIGMA).to(dtype)
    for batch in ((), (0,), (2, 3)):
        found = follow(heatmaps.expand(*batch, 5, 5))
        assert found.shape == (*batch, 2)
        assert found.dtype == (torch.float64 if dtype == torch.float64 else torch.float32)
        expected = torch.tensor([-2.0, 2.0], dtype=found.dtype).expand(*batch, 2)
        torch.testing.assert_close(found, expected, atol=0.02, rtol=0)


@pytest.mark.parametrize('distance', [0.5, 2.0, 7.0])
def test_no_more_strongest_cells_stand_in_the_border_line(distance):
    rows, columns = np.mgrid[:32, :32]
    most = 0
    for y in np.linspace(15, 16, 11):
        order = np.argsort((columns + distance) ** 2 + (rows - y) ** 2, axis=None)
        most = max(most, np.flatnonzero(columns.flat[order] > 0)[0])
    assert most_in_line(distance) - 2 < most <= most_in_line(distance)


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
def test_half_precision_is_left_before_it_is_calculated_with(dtype):
    landmarks = torch.tensor([[-1.7, -1.2], [-2.0, 2.3], [5.1, 5.6]])
    heatmaps = encode_gaussian(landmarks, (5, 5), SIGMA).to(dtype)
    torch.testing.assert_close(follow(heatmaps), follow(heatmaps.float()))


COLUMN = [[0, -1], [0, 0], [0, 1]]
ROW = [[-1, 0], [0, 0], [1, 0]]
CORNER = [[0, 0], [1, 0], [0, 1]]


@pytest.mark.parametrize(
    'cell, stations, shift, expected',
    [
        ([0, 1], COLUMN, [0.8, 0.2], [-0.8, 0.2]),
        ([0, 1], COLUMN, [-0.8, 0.2], [-0.8, 0.2]),
        ([4, 2], COLUMN, [-0.8, -0.2], [0.8, -0.2]),
        ([2, 0], ROW, [0.3, 0.7], [0.3, -0.7]),
        ([2, 3], ROW, [0.3, -0.7], [0.3, 0.7]),
        ([2, 1], COLUMN, [0.8, 0.2], [0.8, 0.2]),  # inside, where no side is the outer one
        ([2, 0], COLUMN, [0.8, 0.2], [0.8, 0.2]),  # across the border, not along it
        ([0, 1], CORNER, [0.3, 0.2], [0.3, 0.2]),  # these stations tell the sides apart
    ],
)
def test_of_two_mirrored_positions_the_one_outside_by_hand(cell, stations, shift, expected):
    found = choose_outside(
        torch.zeros(4, 5),
        torch.tensor(cell),
        torch.tensor(stations, dtype=torch.float32),
        torch.tensor(shift),
    )
    torch.testing.assert_close(found, torch.tensor(expected))
