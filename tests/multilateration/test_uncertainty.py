"""Dilution of precision against differentiation of the solvers, noise against its draw."""

import pytest
import torch

from mmpose_multilat.multilateration import (
    RangeCost,
    dilution_of_linear,
    dilution_of_range_cost,
    encode_gaussian,
    minimise_exact,
    noise_variance,
    solve_linear,
    squared_range,
    window_offsets,
)

SIGMA = 2.0


def responses_round(position, side=3, noise=0.02):
    """Stations (S, 2) of a window and slightly wrong responses (S,), float64."""
    like = torch.zeros(1, dtype=torch.float64)
    clean = encode_gaussian(torch.tensor(position, dtype=torch.float64), (side, side), SIGMA)
    disturbed = clean + noise * torch.randn(
        clean.shape, generator=torch.Generator().manual_seed(3), dtype=torch.float64
    )
    return window_offsets(side, like=like), disturbed.flatten()


def by_differentiation(solve, responses):
    jacobian = torch.autograd.functional.jacobian(solve, responses)  # (2, S)
    return jacobian @ jacobian.T


@pytest.mark.parametrize('side', [2, 3])
def test_linear_solution(side):
    stations, responses = responses_round([0.7, 0.4], side)

    def solve(values):
        return solve_linear(stations, squared_range(values, SIGMA))

    found = dilution_of_linear(stations, torch.stack((responses, responses / 2)), SIGMA)
    torch.testing.assert_close(found[0], by_differentiation(solve, responses))
    torch.testing.assert_close(found[1], 4 * found[0])  # half the height, the same noise


@pytest.mark.parametrize('noise', [0.0, 0.02, 0.1])
def test_minimum_of_the_range_cost(noise):
    stations, responses = responses_round([1.2, 0.6], noise=noise)

    def solve(values):
        return minimise_exact(RangeCost.from_stations(stations, squared_range(values, SIGMA)))

    found = dilution_of_range_cost(stations, responses, solve(responses), SIGMA)
    torch.testing.assert_close(found, by_differentiation(solve, responses), rtol=1e-4, atol=1e-6)


def test_a_cost_without_curvature_has_no_dilution():
    stations = torch.zeros(3, 2)
    found = dilution_of_range_cost(stations, torch.ones(3), torch.zeros(2), SIGMA)
    assert found.isnan().all()


@pytest.mark.parametrize('size, noise', [((9, 9), 0.05), ((4, 4), 0.01), ((9, 5), 0.1)])
def test_noise_is_found_whatever_the_height(size, noise):
    generator = torch.Generator().manual_seed(0)
    landmarks = torch.rand(4000, 2, generator=generator) * torch.tensor(size) / 3 + 1
    clean = 0.8 * encode_gaussian(landmarks, size, SIGMA)
    responses = clean + noise * torch.randn(clean.shape, generator=generator)
    cells = size[0] * size[1]
    found = noise_variance(responses, landmarks + 0.3, SIGMA).mean()
    # Three unknowns are fitted; two more cells make room for the spread of the estimate.
    assert found.item() == pytest.approx(noise**2 * (cells - 3) / (cells - 5), rel=0.02)


def test_a_clean_bump_has_no_noise():
    position = torch.tensor([[4.3, 3.8]])
    assert noise_variance(encode_gaussian(position, (9, 9), SIGMA), position, SIGMA) < 1e-10


def test_too_few_cells_are_refused():
    with pytest.raises(ValueError, match='at least 6 cells, got 2 x 2'):
        noise_variance(torch.ones(2, 2), torch.zeros(2), SIGMA)
