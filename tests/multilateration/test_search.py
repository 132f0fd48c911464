import numpy as np
import pytest
import scipy.optimize
import torch
from references import gauss_newton, range_cost

from mmpose_multilat.multilateration import (
    RangeCost,
    candidate_offsets,
    minimise_exact,
    minimise_gauss_newton,
    search_candidates,
)
from mmpose_multilat.multilateration.search import attach_gradient


def make_problem(noise, seed=0, batch=12):
    """Ten stations round the origin, a landmark within one cell, squared ranges with noise."""
    generator = torch.Generator().manual_seed(seed)
    axis = torch.arange(-1.0, 2.0, dtype=torch.float64)
    stations = torch.cat((torch.cartesian_prod(axis, axis), torch.tensor([[2.0, 0.0]]).double()))
    truth = torch.rand(batch, 1, 2, generator=generator, dtype=torch.float64) * 1.6 - 0.8
    ranges = (stations - truth).square().sum(-1)
    ranges = ranges + noise * torch.randn(ranges.shape, generator=generator, dtype=torch.float64)
    return stations.expand(batch, 10, 2), ranges, truth.squeeze(1)


def test_candidates_are_centred_and_include_the_strongest_cell():
    offsets = candidate_offsets(1.0, 2.0, torch.zeros(()))
    expected = [[x, y] for x in (-1, -0.5, 0, 0.5, 1) for y in (-1, -0.5, 0, 0.5, 1)]
    assert offsets.tolist() == expected


def test_the_number_of_candidates_is_rounded():
    """0.29 * 100 is 28.999999999999996 to a computer."""
    offsets = candidate_offsets(0.29, 100, torch.zeros((), dtype=torch.float64))
    assert len(offsets) == 59**2 and offsets.max().item() == 0.29


def test_candidates_of_the_paper():
    offsets = candidate_offsets(1.0, 10.0, torch.zeros((), dtype=torch.float64))
    assert offsets.shape == (441, 2)
    assert torch.equal(offsets.abs().amax(0), torch.ones(2, dtype=torch.float64))


@pytest.mark.parametrize('noise', [0.0, 0.3])
def test_search_equals_trying_every_candidate(noise):
    stations, ranges, _ = make_problem(noise)
    candidates = candidate_offsets(1.0, 5.0, ranges)
    found = search_candidates(RangeCost.from_stations(stations, ranges), candidates)
    for best, points, squares in zip(found, stations.numpy(), ranges.numpy()):
        costs = [range_cost(candidate, points, squares) for candidate in candidates.numpy()]
        assert range_cost(best.numpy(), points, squares) == pytest.approx(min(costs), abs=1e-12)


def search_and_polish(points, squares):
    """The lowest minimum by scipy, from a mesh of starts."""
    axis = np.linspace(-6, 6, 5)
    results = [
        scipy.optimize.minimize(range_cost, (x, y), (points, squares), method='BFGS', tol=1e-10)
        for x in axis
        for y in axis
    ]
    return min(results, key=lambda result: result.fun)


@pytest.mark.parametrize('offset', [-3.0, 0.0, 2.0])
@pytest.mark.parametrize('noise', [0.0, 0.3, 3.0])
def test_exact_reaches_the_global_minimum_that_scipy_finds(noise, offset):
    """The offset of all squared ranges is what a peak above or below 1 makes."""
    stations, ranges, truth = make_problem(noise, batch=3)
    cost = RangeCost.from_stations(stations, ranges + offset)
    found = minimise_exact(cost)
    if noise == offset == 0:
        torch.testing.assert_close(found, truth)
    for position, points, squares in zip(found.numpy(), stations.numpy(), ranges.numpy()):
        result = search_and_polish(points, squares + offset)
        lowest = range_cost(position, points, squares + offset)
        assert lowest == pytest.approx(result.fun, rel=1e-6, abs=1e-9)


def test_exact_is_never_worse_than_the_candidates():
    stations, ranges, _ = make_problem(noise=1.0, batch=500)
    cost = RangeCost.from_stations(stations, ranges)
    candidate = search_candidates(cost, candidate_offsets(1.0, 10.0, ranges))
    assert (cost.value(minimise_exact(cost)) <= cost.value(candidate) + 1e-9).all()


def test_exact_in_single_precision():
    stations, ranges, _ = make_problem(noise=0.3, batch=500)
    double = minimise_exact(RangeCost.from_stations(stations, ranges), steps=40)
    single = minimise_exact(RangeCost.from_stations(stations.float(), ranges.float()))
    torch.testing.assert_close(single.double(), double, atol=1e-4, rtol=0)


def test_between_two_mirrored_minima_one_is_chosen():
    stations = torch.tensor([[-1.0, 0.0], [0.0, 0.0], [1.0, 0.0], [0.0, 0.1], [0.0, -0.1]]).double()
    ranges = torch.tensor([5.0, 4.0, 5.0, 4.0, 4.0]).double()  # of (0, 2) and (0, -2), nearly
    found = minimise_exact(RangeCost.from_stations(stations, ranges), steps=40)
    assert found[0].abs() < 1e-5 and found[1].abs() == pytest.approx(2, abs=0.01)


@pytest.mark.parametrize('noise', [0.0, 0.1])
def test_gauss_newton_from_the_strongest_cell_meets_exact(noise):
    stations, ranges, _ = make_problem(noise)
    cost = RangeCost.from_stations(stations, ranges)
    start = torch.zeros(12, 2, dtype=torch.float64)
    exact = minimise_exact(cost)
    torch.testing.assert_close(minimise_gauss_newton(cost, start), exact, atol=1e-5, rtol=0)


def test_collinear_stations_give_finite_positions():
    stations = torch.tensor([[-1.0, 0.0], [0.0, 0.0], [1.0, 0.0]])
    cost = RangeCost.from_stations(stations, torch.tensor([1.0, 0.0, 1.0]))
    start = torch.zeros(2)
    assert minimise_gauss_newton(cost, start).isfinite().all()
    assert minimise_exact(cost).isfinite().all()


@pytest.mark.parametrize('steps', [1, 3, 20])
def test_gauss_newton_step_by_step(steps):
    """Ranges that are too long make it slow, so that twenty steps, the default, are not the end."""
    stations, ranges, _ = make_problem(noise=0.3)
    ranges = ranges + 1.5
    cost = RangeCost.from_stations(stations, ranges)
    chosen = {} if steps == 20 else dict(steps=steps)
    found = minimise_gauss_newton(cost, torch.zeros(12, 2, dtype=torch.float64), **chosen)
    for position, points, squares in zip(found.numpy(), stations.numpy(), ranges.numpy()):
        expected = gauss_newton(points, squares, steps)
        np.testing.assert_allclose(position, expected, atol=1e-4)


@pytest.mark.parametrize('offset, signs', [(0.0, (1, 1)), (1.5, (-1, 1)), (9.0, (-1, -1))])
def test_gradient_by_numpy(offset, signs):
    """Minus the inverse Hessian of the cost times the derivative of its gradient by the ranges.

    Where the Hessian has a negative eigenvalue, which no minimum has, its Gauss-Newton part.
    """
    stations, ranges, _ = make_problem(noise=0.1, batch=1)
    points, squares = stations[0].numpy(), ranges[0].numpy() + offset
    place = np.array([0.6, -0.3])
    apart = place - points
    residuals = (apart**2).sum(-1) - squares
    gauss_newton = 8 * apart.T @ apart
    hessian = gauss_newton + 4 * residuals.sum() * np.eye(2)
    assert tuple(np.sign(np.linalg.eigvalsh(hessian))) == signs
    matrix = hessian if signs == (1, 1) else gauss_newton
    expected = np.linalg.solve(matrix, 4 * apart.T)  # (2, S)

    def attach(values):
        return attach_gradient(RangeCost.from_stations(stations[0], values), torch.tensor(place))

    values = torch.from_numpy(squares).requires_grad_()
    np.testing.assert_array_equal(attach(values).detach(), place)
    jacobian = torch.autograd.functional.jacobian(attach, values)
    np.testing.assert_allclose(jacobian, expected, atol=1e-5)


def test_positions_that_are_no_minimum_have_no_gradient():
    stations, ranges, _ = make_problem(noise=0.1, batch=4)
    ranges.requires_grad_()
    strayed = torch.tensor([[0.1, 0.2], [1e4, 0.2], [np.nan, 0.2], [0.3, -np.inf]]).double()
    found = attach_gradient(RangeCost.from_stations(stations, ranges), strayed)
    torch.testing.assert_close(found.detach(), strayed, equal_nan=True)
    (gradient,) = torch.autograd.grad(found.sum(), ranges)
    assert gradient.any(-1).tolist() == [True, False, False, False]
    assert gradient.isfinite().all()
