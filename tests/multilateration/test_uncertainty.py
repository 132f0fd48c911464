"""Dilution of precision against differentiation of the solvers, noise against its draw."""

import pytest
import torch

from mmpose_multilat.multilateration import (
    RangeCost,
    dilution_of_linear,
    dilution_of_range_cost,
    encode_gaussian,
    invert_symmetric,
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


def test_an_error_of_the_position_does_not_count_as_noise():
    landmarks = torch.tensor([[4.3, 3.8]]).expand(50, 2)
    clean = encode_gaussian(landmarks, (9, 9), SIGMA)
    noise = torch.randn(clean.shape, generator=torch.Generator().manual_seed(0))
    starts = landmarks, landmarks + torch.tensor([0.9, -0.6])
    expected, found = (noise_variance(clean + 0.01 * noise, start, SIGMA) for start in starts)
    torch.testing.assert_close(found, expected, rtol=0.01, atol=0)


def test_a_clean_bump_has_no_noise():
    position = torch.tensor([[4.3, 3.8]])
    assert noise_variance(encode_gaussian(position, (9, 9), SIGMA), position, SIGMA) < 1e-10


@pytest.mark.parametrize('width, height', [(2, 2), (5, 1)])
def test_too_few_cells_are_refused(width, height):
    with pytest.raises(ValueError, match=f'at least 6 cells, got {width} x {height}'):
        noise_variance(torch.ones(height, width), torch.zeros(2), SIGMA)


def test_six_cells_are_enough():
    _, responses = responses_round([1.2, 0.6])
    position = torch.tensor([1.2, 0.6], dtype=torch.float64)
    assert noise_variance(responses[:6].view(2, 3), position, SIGMA) > 0


@pytest.mark.parametrize('response', [0.0, -0.3, 1e-9])
def test_responses_that_count_as_the_smallest_one(response):
    """What `squared_range` takes for 1e-6 has its slope as well."""
    stations, responses = responses_round([0.7, 0.4], side=2)
    smallest = responses.clone()
    responses[3], smallest[3] = response, 1e-6
    position = torch.tensor([0.7, 0.4], dtype=torch.float64)
    found, expected = (dilution_of_linear(stations, each, SIGMA) for each in (responses, smallest))
    torch.testing.assert_close(found, expected)
    found, expected = (
        dilution_of_range_cost(stations, each, position, SIGMA) for each in (responses, smallest)
    )
    torch.testing.assert_close(found, expected)


def test_inverse_by_hand():
    matrices = torch.tensor([[[2.0, 1.0], [1.0, 3.0]], [[1.0, 1.0], [1.0, 1.0]]])
    indefinite = torch.tensor([[1.0, 2.0], [2.0, 1.0]])
    torch.testing.assert_close(
        invert_symmetric(matrices[0]), torch.tensor([[0.6, -0.2], [-0.2, 0.4]])
    )
    assert invert_symmetric(torch.stack((matrices[1], indefinite))).isnan().all()
