import numpy as np
import torch
from references import gaussian
from scipy.optimize import least_squares

from mmpose_multilat.multilateration import encode_gaussian
from projects.multilat.bumps import fit_bumps

SIGMA = 2.0


def test_equals_a_general_solver():
    rng = np.random.default_rng(0)
    windows = [
        height * gaussian(centre, 9, 7, width) + rng.normal(0, 0.02, (7, 9))
        for height, centre, width in ((0.9, (4.2, 2.9), 2.0), (0.6, (3.5, 3.4), 1.5))
    ]
    start = torch.tensor([[4.0, 3.0]] * 2, dtype=torch.float64)
    found = fit_bumps(torch.from_numpy(np.stack(windows)), start, SIGMA)
    for index, window in enumerate(windows):

        def residuals(unknowns, window=window):
            height, x, y, width = unknowns
            return (height * gaussian((x, y), 9, 7, width) - window).ravel()

        expected = least_squares(residuals, [1, 4, 3, SIGMA], xtol=1e-14, ftol=1e-14).x
        actual = [found.height[index], *found.position[index], found.width[index]]
        np.testing.assert_allclose(actual, expected, atol=1e-4)


def test_a_flat_window_gives_finite_numbers():
    found = fit_bumps(torch.zeros(1, 9, 9), torch.tensor([[4.0, 4.0]]), SIGMA)
    assert all(each.isfinite().all() for each in found)
    assert found.height.abs().max() < 1e-3


def test_widths_stay_in_their_limits():
    window = encode_gaussian(torch.tensor([[4.0, 4.0]]), (9, 9), 9.0)
    found = fit_bumps(window, torch.tensor([[4.0, 4.0]]), SIGMA)
    assert abs(found.width.item() - 2 * SIGMA) < 1e-4
