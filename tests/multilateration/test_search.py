import numpy as np
import pytest
import scipy.optimize
import torch
from references import range_cost

from mmpose_multilat.multilateration import (
    RangeCost,
    candidate_offsets,
    minimise_gauss_newton,
    minimise_newton,
    search_candidates,
)


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


@pytest.mark.parametrize('noise', [0.0, 0.3, 1.0])
def test_newton_reaches_the_minimum_that_scipy_finds(noise):
    stations, ranges, truth = make_problem(noise)
    cost = RangeCost.from_stations(stations, ranges)
    found = minimise_newton(cost, search_candidates(cost, candidate_offsets(1.0, 10.0, ranges)))
    if noise == 0:
        torch.testing.assert_close(found, truth)
    for position, points, squares in zip(found.numpy(), stations.numpy(), ranges.numpy()):
        result = scipy.optimize.minimize(
            range_cost, position, (points, squares), method='Nelder-Mead', tol=1e-12
        )
        np.testing.assert_allclose(position, result.x, atol=1e-5)


def test_newton_is_never_worse_than_its_start():
    stations, ranges, _ = make_problem(noise=30.0, batch=200)
    cost = RangeCost.from_stations(stations, ranges)
    start = torch.zeros(200, 2, dtype=torch.float64)
    assert (cost.value(minimise_newton(cost, start)) <= cost.value(start)).all()


@pytest.mark.parametrize('noise', [0.0, 0.1])
def test_gauss_newton_from_the_strongest_cell_meets_newton(noise):
    stations, ranges, _ = make_problem(noise)
    cost = RangeCost.from_stations(stations, ranges)
    start = torch.zeros(12, 2, dtype=torch.float64)
    exact = minimise_newton(cost, search_candidates(cost, candidate_offsets(1.0, 10.0, ranges)))
    torch.testing.assert_close(minimise_gauss_newton(cost, start), exact, atol=1e-5, rtol=0)


def test_collinear_stations_give_finite_positions():
    stations = torch.tensor([[-1.0, 0.0], [0.0, 0.0], [1.0, 0.0]])
    cost = RangeCost.from_stations(stations, torch.tensor([1.0, 0.0, 1.0]))
    start = torch.zeros(2)
    assert minimise_gauss_newton(cost, start).isfinite().all()
    assert minimise_newton(cost, start).isfinite().all()
