import numpy as np
import pytest
import torch
from references import linear_least_squares

from mmpose_multilat.multilateration import solve_linear, solve_weighted_linear


def make_problem(batch, stations, noise, seed=0):
    generator = torch.Generator().manual_seed(seed)
    points = torch.randint(-4, 5, (*batch, stations, 2), generator=generator).double()
    points[..., :3, :] = torch.tensor([[0.0, 0.0], [3.0, 1.0], [1.0, 4.0]])
    truth = torch.rand(*batch, 2, generator=generator, dtype=torch.float64) * 4 - 2
    ranges = (points - truth.unsqueeze(-2)).square().sum(-1)
    ranges = ranges + noise * torch.randn(ranges.shape, generator=generator, dtype=torch.float64)
    return points, ranges, truth


@pytest.mark.parametrize('batch', [(), (5,), (2, 3)])
@pytest.mark.parametrize('stations', [3, 4, 9])
def test_exact_ranges_give_the_position(batch, stations):
    points, ranges, truth = make_problem(batch, stations, noise=0.0)
    torch.testing.assert_close(solve_linear(points, ranges), truth)


def test_an_unknown_height_cancels():
    points, ranges, truth = make_problem((5,), 4, noise=0.0)
    torch.testing.assert_close(solve_linear(points, ranges - 123.0), truth)


def test_noisy_ranges_equal_numpy_least_squares():
    points, ranges, _ = make_problem((20,), 6, noise=0.5)
    solved = solve_linear(points, ranges)
    for position, stations, squares in zip(solved, points.numpy(), ranges.numpy()):
        np.testing.assert_allclose(position, linear_least_squares(stations, squares), rtol=1e-9)


def test_one_grid_of_stations_serves_all_landmarks():
    points, ranges, _ = make_problem((), 4, noise=0.1)
    many = ranges.expand(2, 3, 4)
    torch.testing.assert_close(solve_linear(points, many)[1, 2], solve_linear(points, ranges))


def test_collinear_stations_give_nan_and_spare_their_neighbours():
    line = torch.tensor([[0.0, 0.0], [1.0, 2.0], [2.0, 4.0]])
    corner = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    positions = solve_linear(torch.stack((line, corner)), torch.tensor([[1.0] * 3, [0.5] * 3]))
    assert positions[0].isnan().all()
    torch.testing.assert_close(positions[1], torch.tensor([0.5, 0.5]))


def test_weighted_solution_equals_numpy():
    """Unknowns x, y and the common offset, rows scaled by the roots of the weights."""
    generator = np.random.default_rng(0)
    stations = generator.uniform(0, 5, (6, 9, 2))
    ranges, weights = generator.uniform(0, 9, (6, 9)), generator.uniform(0.1, 1, (6, 9))
    found = solve_weighted_linear(*map(torch.from_numpy, (stations, ranges, weights)))
    for index in range(6):
        matrix = np.concatenate((2 * stations[index], np.ones((9, 1))), 1)
        right = (stations[index] ** 2).sum(-1) - ranges[index]
        roots = np.sqrt(weights[index])[:, None]
        expected = np.linalg.lstsq(matrix * roots, right * roots[:, 0], rcond=None)[0][:2]
        np.testing.assert_allclose(found[index], expected, atol=1e-9)


def test_weighted_solution_is_nan_where_weighted_stations_are_collinear():
    stations = torch.tensor([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0], [0.0, 2.0]])
    weights = torch.tensor([[1.0, 1.0, 1.0, 0.0], [1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0]])
    found = solve_weighted_linear(stations, torch.ones(3, 4), weights)
    assert found.isnan().all(-1).tolist() == [True, False, True]


@pytest.mark.parametrize('scale', [1.0, 1e4])
@pytest.mark.parametrize('height, singular', [(1e-5, True), (1e-3, False)])
def test_stations_nearly_in_a_line(height, singular, scale):
    """The determinant of (0, 0), (1, 0) and (2, h) is h^2 / 25 of the trace squared."""
    stations = scale * torch.tensor([[0.0, 0.0], [1.0, 0.0], [2.0, height]], dtype=torch.float64)
    truth = scale * torch.tensor([0.5, 2.0], dtype=torch.float64)
    found = solve_linear(stations, (stations - truth).square().sum(-1))
    if singular:
        assert found.isnan().all()
    else:
        torch.testing.assert_close(found, truth, rtol=1e-6, atol=0)


def test_collinear_stations_leave_gradients_finite():
    line, corner = [[0.0, 0.0], [1.0, 2.0], [2.0, 4.0]], [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
    ranges = torch.full((2, 3), 0.5, requires_grad=True)
    for solved in (
        solve_linear(torch.tensor([line, corner]), ranges),
        solve_weighted_linear(torch.tensor([line, corner]), ranges, torch.ones(2, 3)),
    ):
        (gradient,) = torch.autograd.grad(solved.nan_to_num().sum(), ranges)
        assert (gradient[0] == 0).all() and gradient[1].isfinite().all() and gradient[1].any()
