"""The fit against scipy's least squares, and its error against the Cramer-Rao bound."""

import math
from typing import NamedTuple

import numpy as np
import pytest
import torch
from references import gaussian
from scipy.optimize import least_squares

from mmpose_multilat.multilateration import encode_gaussian, fit_gaussian, start_of_fit
from mmpose_multilat.multilateration.gaussian_fit import descend
from mmpose_multilat.multilateration.stations import window_offsets

SIGMA = 2.0


def noisy_windows(count, width=9, height=7, noise=0.05, peak=0.8, seed=0):
    """(count, height, width) bumps near the middle with noise, and their centres."""
    generator = torch.Generator().manual_seed(seed)
    middle = torch.tensor([width - 1, height - 1], dtype=torch.float64) / 2
    centres = middle + torch.rand(count, 2, generator=generator, dtype=torch.float64) * 2 - 1
    bumps = peak * encode_gaussian(centres, (width, height), SIGMA)
    noise = noise * torch.randn(bumps.shape, generator=generator, dtype=torch.float64)
    return bumps + noise, centres


def reference_fit(window, start):
    """Height and centre of least squared error by a general solver."""
    height, width = window.shape

    def residuals(parameters):
        return (parameters[0] * gaussian(parameters[1:], width, height, SIGMA) - window).ravel()

    return least_squares(residuals, [1.0, *start], xtol=1e-14, ftol=1e-14, gtol=1e-14)


def test_equals_a_general_solver():
    windows, centres = noisy_windows(20)
    fit = fit_gaussian(windows, centres, SIGMA, steps=20)
    for index, window in enumerate(windows.numpy()):
        expected = reference_fit(window, centres[index])
        np.testing.assert_allclose(fit.position[index], expected.x[1:], atol=1e-6)
        left = (window**2).sum() - fit.explained[index]
        assert left == pytest.approx(2 * expected.cost, rel=1e-9)


def test_precision_is_the_curvature_of_half_the_squared_error():
    windows, centres = noisy_windows(5, noise=0.0)
    fit = fit_gaussian(windows, centres, SIGMA)
    for index, window in enumerate(windows.numpy()):
        jacobian = reference_fit(window, centres[index]).jac
        # The covariance of the position is a block of the inverse: the height is unknown too.
        covariance = np.linalg.inv(jacobian.T @ jacobian)[1:, 1:]
        np.testing.assert_allclose(np.diag(1 / fit.precision[index]), covariance, atol=1e-8)


def test_two_steps_from_the_linear_start_are_enough():
    windows, _ = noisy_windows(200, width=9, height=9)
    cells = window_offsets(3, like=windows)
    start = start_of_fit(windows[:, 3:6, 3:6], cells, SIGMA) + 3
    near, far = (fit_gaussian(windows, start, SIGMA, steps) for steps in (2, 30))
    assert (near.position - far.position).norm(dim=-1).max() < 5e-3  # errors are 0.07
    assert torch.equal(fit_gaussian(windows, start, SIGMA).position, near.position)


def test_a_step_never_explains_less():
    windows, centres = noisy_windows(50, noise=0.3)
    start = centres + 3.0  # so far away that full steps overshoot
    explained = [fit_gaussian(windows, start, SIGMA, steps).explained for steps in range(1, 8)]
    for before, after in zip(explained, explained[1:]):
        assert (after >= before * (1 - 1e-5)).all()
    assert (fit_gaussian(windows, start, SIGMA, 40).position - centres).norm(dim=-1).median() < 0.5


class Parabola(NamedTuple):
    position: torch.Tensor
    explained: torch.Tensor


def test_steps_that_explain_less_are_halved_by_hand():
    """Of 10 - (x - 1)^2 with steps three times too long: 3, 1.5 instead, 0, 0.75 instead."""

    def evaluate(position):
        return Parabola(position, 10 - (position[..., 0] - 1).square()), 3 * (1 - position)

    start = torch.tensor([[0.0], [1.0]])  # one that is there already stays
    found = [descend(evaluate, start, steps).position.tolist() for steps in range(5)]
    assert found == [[[0], [1]], [[0], [1]], [[1.5], [1]], [[1.5], [1]], [[0.75], [1]]]


def test_a_step_is_one_cell_at_most():
    window = encode_gaussian(torch.tensor([10.0, 10.0], dtype=torch.float64), (21, 21), SIGMA)
    start = torch.tensor([7.0, 10.4], dtype=torch.float64)
    positions = [fit_gaussian(window, start, SIGMA, steps).position for steps in (1, 2, 6)]
    assert [position[0].item() for position in positions] == pytest.approx([8, 9, 10], abs=1e-3)
    assert positions[-1][1].item() == pytest.approx(10, abs=1e-3)


def test_single_precision_does_not_stop_the_steps_early():
    windows, centres = noisy_windows(300, noise=0.02)
    exact = fit_gaussian(windows, centres, SIGMA, steps=20).position
    single = fit_gaussian(windows.float(), centres.float() + 0.3, SIGMA, steps=6).position
    assert (single - exact).abs().max() < 1e-4


def test_one_row_says_nothing_about_the_other_axis():
    row = gaussian((3.3, 0), 7, 1, SIGMA)
    start = torch.tensor([2.9, 0.2], dtype=torch.float64)
    found = fit_gaussian(torch.from_numpy(row), start, SIGMA, steps=6)
    assert found.position[0] == pytest.approx(3.3, abs=1e-6)
    assert found.position[1] == pytest.approx(0.2, abs=0.05)  # steps of rounding errors
    assert found.precision[1] == pytest.approx(0, abs=1e-12)


def test_start_is_the_weighted_least_squares_of_numpy():
    """Unknowns x, y and an offset, every cell weighted by its squared response, none below 0."""
    windows, _ = noisy_windows(20, width=3, height=3, noise=0.2)
    windows[0, 2, 0] = -0.7
    cells = window_offsets(3, like=windows)
    found = start_of_fit(windows, cells, SIGMA)
    for window, position in zip(windows.flatten(-2).numpy(), found):
        squares = -2 * SIGMA**2 * np.log(np.maximum(window, 1e-6))
        roots = np.maximum(window, 0)[:, None]
        matrix = np.concatenate((2 * cells.numpy(), np.ones((9, 1))), 1)
        right = ((cells.numpy() ** 2).sum(-1) - squares)[:, None]
        expected = np.linalg.lstsq(matrix * roots, right * roots, rcond=None)[0][:2, 0]
        np.testing.assert_allclose(position, expected, atol=1e-8)


def test_start_is_exact_without_noise_whatever_the_height():
    centres = torch.tensor([[1.2, 0.7], [0.1, 1.9]], dtype=torch.float64)
    windows = torch.tensor([0.4, 1.7]).view(2, 1, 1) * encode_gaussian(centres, (3, 3), SIGMA)
    found = start_of_fit(windows, window_offsets(3, like=windows), SIGMA)
    torch.testing.assert_close(found, centres)


def cramer_rao_error(centre, size, noise):
    """Mean distance of the best unbiased estimate, from the Fisher matrix of height, x and y."""
    bump = gaussian(centre, size, size, SIGMA)
    rows, columns = np.mgrid[:size, :size]
    slopes = [bump * (columns - centre[0]) / SIGMA**2, bump * (rows - centre[1]) / SIGMA**2]
    derivatives = np.stack([each.ravel() for each in (bump, *slopes)])
    variances = np.diag(np.linalg.inv(derivatives @ derivatives.T / noise**2))[1:]
    angles = (np.arange(400) + 0.5) * 2 * math.pi / 400
    # A Gaussian's distance from its mean: sqrt(pi / 2) times the mean over directions.
    spread = np.sqrt(variances[0] * np.cos(angles) ** 2 + variances[1] * np.sin(angles) ** 2)
    return math.sqrt(math.pi / 2) * spread.mean()


@pytest.mark.parametrize('noise', [0.01, 0.05, 0.10])
@pytest.mark.parametrize('size, centre', [(9, (4.3, 3.8)), (4, (1.4, 1.9)), (4, (3.6, -0.4))])
def test_reaches_the_cramer_rao_bound(size, centre, noise):
    generator = torch.Generator().manual_seed(0)
    true = torch.tensor(centre, dtype=torch.float64)
    bumps = encode_gaussian(true, (size, size), SIGMA)
    noises = torch.randn(4000, size, size, generator=generator, dtype=torch.float64)
    fit = fit_gaussian(bumps + noise * noises, true.expand(4000, 2), SIGMA)
    error = (fit.position - true).norm(dim=-1).mean().item()
    assert cramer_rao_error(centre, size, noise) / error > 0.95
