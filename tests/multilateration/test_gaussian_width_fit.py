"""The fit of the width against scipy's least squares."""

import numpy as np
import pytest
import torch
from references import gaussian
from scipy.optimize import least_squares

from mmpose_multilat.multilateration import fit_gaussian_and_width

SIGMA = 2.0


def windows(count, width=9, height=7, noise=0.02, seed=0):
    """(count, height, width) bumps of several heights and widths, and (height, x, y, sigma)."""
    random = np.random.default_rng(seed)
    middle = np.array([width - 1, height - 1]) / 2
    truth = np.column_stack(
        (
            random.uniform(0.6, 1.1, count),
            middle + random.uniform(-1, 1, (count, 2)),
            random.uniform(1.5, 2.7, count),
        )
    )
    bumps = [peak * gaussian(xy, width, height, sigma) for peak, *xy, sigma in truth]
    return torch.tensor(bumps + noise * random.normal(size=(count, height, width))), truth


def reference_fit(window, start):
    height, width = window.shape

    def residuals(unknown):
        return (unknown[0] * gaussian(unknown[1:3], width, height, unknown[3]) - window).ravel()

    return least_squares(residuals, start, xtol=1e-14, ftol=1e-14, gtol=1e-14)


def test_equals_a_general_solver():
    responses, truth = windows(20)
    start = torch.tensor(truth[:, 1:3]) + 0.2
    fit = fit_gaussian_and_width(responses, start, SIGMA, steps=30)
    for index, window in enumerate(responses.numpy()):
        expected = reference_fit(window, truth[index])
        np.testing.assert_allclose(fit.position[index], expected.x[1:3], atol=1e-5)
        assert fit.sigma[index].item() == pytest.approx(expected.x[3], abs=1e-5)
        left = (window**2).sum() - fit.explained[index].item()
        assert left == pytest.approx(2 * expected.cost, rel=1e-8)


def test_precision_takes_off_what_height_and_width_cost():
    responses, truth = windows(5, noise=0.0)
    fit = fit_gaussian_and_width(responses, torch.tensor(truth[:, 1:3]), SIGMA, steps=30)
    for index, window in enumerate(responses.numpy()):
        jacobian = reference_fit(window, truth[index]).jac
        covariance = np.linalg.inv(jacobian.T @ jacobian)[1:3, 1:3]
        np.testing.assert_allclose(torch.linalg.inv(fit.precision[index]), covariance, atol=1e-6)


def test_a_few_steps_are_enough():
    responses, truth = windows(50, noise=0.0)
    fit = fit_gaussian_and_width(responses, torch.tensor(truth[:, 1:3]) + 0.1, SIGMA, steps=4)
    assert np.abs(fit.position.numpy() - truth[:, 1:3]).max() < 2e-3
    assert np.abs(fit.sigma.numpy() - truth[:, 3]).max() < 2e-2


def test_the_width_stays_within_its_limits():
    flat, needle = torch.ones(1, 9, 9) + torch.eye(9) * 1e-3, torch.zeros(1, 9, 9)
    needle[0, 4, 4] = 1
    start = torch.full((1, 2), 4.0)
    assert fit_gaussian_and_width(flat, start, SIGMA, 20).sigma.item() == pytest.approx(4)
    assert fit_gaussian_and_width(needle, start, SIGMA, 20).sigma.item() == pytest.approx(1)
