"""The cost in its own axes against autograd in the original ones."""

import pytest
import torch

from mmpose_multilat.multilateration import PrincipalCost, RangeCost


@pytest.fixture
def problem():
    generator = torch.Generator().manual_seed(0)
    stations = torch.randint(-4, 5, (5, 8, 2), generator=generator).double()
    ranges = torch.rand(5, 8, generator=generator, dtype=torch.float64) * 9 - 1
    position = torch.rand(5, 2, generator=generator, dtype=torch.float64) * 4 - 2
    return stations, ranges, position


def principal_cost(stations, ranges):
    return PrincipalCost.from_cost(RangeCost.from_stations(stations, ranges))


def test_entering_keeps_lengths_and_leaving_goes_back(problem):
    stations, ranges, position = problem
    cost = principal_cost(stations, ranges)
    c = cost.enter(position)
    torch.testing.assert_close(c.norm(dim=0), (position - stations.mean(-2)).norm(dim=-1))
    torch.testing.assert_close(cost.leave(c), position)


def test_axes_are_principal(problem):
    stations, ranges, _ = problem
    cost = principal_cost(stations, ranges)
    entered = torch.stack([cost.enter(stations[:, each]) for each in range(8)])  # (S, 2, ...)
    torch.testing.assert_close(entered.sum(0), torch.zeros(2, 5, dtype=torch.float64))
    assert entered.prod(1).sum(0).abs().max() < 1e-12
    torch.testing.assert_close(2 * entered.square().sum(0), cost.spread)
    assert (cost.spread[0] >= cost.spread[1]).all()


def test_residual_and_gradient_equal_autograd(problem):
    stations, ranges, position = problem
    cost = principal_cost(stations, ranges)
    c = cost.enter(position).requires_grad_()
    residuals = (stations - cost.leave(c).unsqueeze(-2)).square().sum(-1) - ranges
    (expected,) = torch.autograd.grad(residuals.square().sum(), c)
    torch.testing.assert_close(cost.residual(c), residuals.sum(-1))
    torch.testing.assert_close(4 * cost.gradient(c, cost.residual(c)), expected)


def test_hessian_is_what_the_docstring_says(problem):
    stations, ranges, position = (tensor[0] for tensor in problem)
    cost = principal_cost(stations, ranges)
    c = cost.enter(position)

    def value(point):
        residuals = (stations - cost.leave(point)).square().sum(-1) - ranges
        return residuals.square().sum()

    expected = torch.autograd.functional.hessian(value, c)
    hessian = torch.diag(cost.residual(c) + cost.spread) + 2 * cost.count * torch.outer(c, c)
    torch.testing.assert_close(4 * hessian, expected)


def test_collinear_stations_have_no_spread_across():
    stations = torch.tensor([[0.0, 0.0], [1.0, 2.0], [2.0, 4.0]])
    cost = principal_cost(stations, torch.tensor([1.0, 0.0, 1.0]))
    assert cost.spread[0] > 1 and 0 <= cost.spread[1] < 1e-5
    torch.testing.assert_close(cost.axis, torch.tensor([1.0, 2.0]) / 5**0.5)
