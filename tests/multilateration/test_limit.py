"""The bound against a Fisher matrix by automatic differentiation, mean errors against samples."""

import math

import pytest
import torch
from scipy.special import ellipe

from mmpose_multilat.multilateration import cramer_rao_bound, mean_error_at_bound

SIZE = (7, 5)  # (W, H)
SIGMA, NOISE, HEIGHT = 1.7, 0.05, 0.8


def brute_force_bound(position):
    """Upper left 2 x 2 of the inverse Fisher matrix of (x, y, height)."""
    rows, columns = torch.meshgrid(
        torch.arange(SIZE[1]).double(), torch.arange(SIZE[0]).double(), indexing='ij'
    )

    def cells(parameters):
        x, y, height = parameters
        squares = (columns - x) ** 2 + (rows - y) ** 2
        return (height * torch.exp(-squares / (2 * SIGMA**2))).flatten()

    parameters = torch.cat((position, torch.tensor([HEIGHT], dtype=torch.float64)))
    slopes = torch.autograd.functional.jacobian(cells, parameters)
    return torch.linalg.inv(slopes.mT @ slopes / NOISE**2)[:2, :2]


@pytest.mark.parametrize('position', [(3.0, 2.0), (1.3, 3.9), (-1.2, 0.4), (8.5, 6.0)])
def test_equals_the_inverse_fisher_matrix(position):
    position = torch.tensor(position, dtype=torch.float64)
    bound = cramer_rao_bound(position, SIZE, SIGMA, NOISE, HEIGHT)
    expected = brute_force_bound(position)
    assert expected[0, 1].abs() < 1e-9 * expected.trace()  # no xy term on a separable grid
    torch.testing.assert_close(bound, expected, rtol=1e-8, atol=1e-12)


def test_batches_and_dtypes():
    positions = torch.rand(2, 3, 2) * 4
    bounds = cramer_rao_bound(positions, SIZE, SIGMA, NOISE)
    assert bounds.shape == (2, 3, 2, 2) and bounds.dtype == torch.float32
    exact = cramer_rao_bound(positions.double(), SIZE, SIGMA, NOISE)
    torch.testing.assert_close(bounds.double(), exact, rtol=1e-4, atol=1e-9)


def test_in_the_middle_of_a_large_grid_it_is_that_of_the_continuum():
    """There the sums are integrals: noise^2 2 / (pi height^2) along each axis, whatever sigma."""
    bound = cramer_rao_bound(torch.tensor([31.3, 30.8]).double(), (64, 64), 2.0, 0.1, 0.5)
    expected = torch.eye(2).double() * 2 / math.pi * 0.1**2 / 0.5**2
    torch.testing.assert_close(bound, expected, rtol=1e-9, atol=1e-12)


def test_a_landmark_at_the_border_is_harder():
    positions = torch.tensor([[8.0, 8.0], [0.0, 8.0], [-3.0, 8.0]]).double()
    errors = mean_error_at_bound(cramer_rao_bound(positions, (17, 17), 2.0, 0.05))
    assert errors[0] < errors[1] < errors[2]


def test_what_cannot_be_known_is_infinite():
    bound = cramer_rao_bound(torch.tensor([[0.0, 2.0], [500.0, 2.0]]), (1, 5), SIGMA, NOISE)
    assert bound[0, 0, 0].isinf() and bound[0, 1, 1].isfinite()
    assert mean_error_at_bound(bound).isinf().all()


@pytest.mark.parametrize('name', ['sigma', 'noise', 'height'])
def test_impossible_numbers_are_refused(name):
    numbers = {**dict(sigma=2.0, noise=0.1, height=1.0), name: 0.0}
    with pytest.raises(ValueError, match=f'{name} must be above 0, got 0.0'):
        cramer_rao_bound(torch.zeros(2), SIZE, **numbers)


@pytest.mark.parametrize('ratio', [1.0, 0.7, 0.1, 1e-3, 1e-9, 0.0])
def test_mean_error_is_the_elliptic_integral(ratio):
    covariance = torch.diag(torch.tensor([4 * ratio**2, 4.0], dtype=torch.float64))
    expected = math.sqrt(2 / math.pi) * 2 * ellipe(1 - ratio**2)
    assert mean_error_at_bound(covariance).item() == pytest.approx(expected, rel=1e-9)


def test_mean_error_of_samples():
    factors = torch.tensor([[[1.0, 0.0], [0.6, 0.5]], [[0.2, 0.0], [-1.4, 0.3]]])
    noise = torch.randn(2, 200_000, 2, generator=torch.Generator().manual_seed(0))
    sampled = (noise @ factors.mT).norm(dim=-1).mean(-1)
    # 200 000 samples: the standard error is about 0.15 %.
    found = mean_error_at_bound(factors @ factors.mT)
    torch.testing.assert_close(found, sampled, rtol=6e-3, atol=0)


def test_mean_error_without_error():
    assert mean_error_at_bound(torch.zeros(3, 2, 2)).tolist() == [0.0, 0.0, 0.0]
