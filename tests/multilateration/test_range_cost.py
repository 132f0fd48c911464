import numpy as np
import pytest
import torch
from references import range_cost

from mmpose_multilat.multilateration import RangeCost


@pytest.fixture
def problem():
    generator = torch.Generator().manual_seed(0)
    stations = torch.randint(-4, 5, (5, 8, 2), generator=generator).double()
    ranges = torch.rand(5, 8, generator=generator, dtype=torch.float64) * 9 - 1
    position = torch.rand(5, 2, generator=generator, dtype=torch.float64) * 4 - 2
    return stations, ranges, position


def test_value_equals_the_sum_over_stations(problem):
    stations, ranges, position = problem
    expected = [
        range_cost(*each) for each in zip(position.numpy(), stations.numpy(), ranges.numpy())
    ]
    np.testing.assert_allclose(RangeCost.from_stations(stations, ranges).value(position), expected)


def test_gradient_equals_autograd(problem):
    stations, ranges, position = problem
    position = position.requires_grad_()
    direct = ((stations - position.unsqueeze(-2)).square().sum(-1) - ranges).square().sum()
    (expected,) = torch.autograd.grad(direct, position)
    cost = RangeCost.from_stations(stations, ranges)
    torch.testing.assert_close(4 * torch.stack(cost.gradient(position), -1), expected)


def test_matrices_equal_autograd(problem):
    stations, ranges, position = (tensor[0] for tensor in problem)
    cost = RangeCost.from_stations(stations, ranges)

    def residuals(point):
        return (stations - point).square().sum(-1) - ranges

    jacobian = torch.autograd.functional.jacobian(residuals, position)
    xx, xy, yy = cost.gauss_newton_matrix(position)
    matrix = torch.stack((xx, xy, xy, yy)).reshape(2, 2)
    torch.testing.assert_close(2 * matrix, jacobian.T @ jacobian)
    hessian = torch.autograd.functional.hessian(lambda p: residuals(p).square().sum(), position)
    second = matrix + cost.residual(position) * torch.eye(2, dtype=torch.float64)
    torch.testing.assert_close(4 * second, hessian)
