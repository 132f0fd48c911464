"""Maximum-likelihood fit of a Gaussian bump to heatmap values, the peak's height projected out.

With independent noise of equal variance on every cell, the position of least squared error is the
maximum-likelihood estimate, which reaches the Cramer-Rao bound; no unbiased decoder can err less.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

import torch
from torch import Tensor

from .gaussian import squared_range
from .linear import solve_weighted_linear

STEPS = 2
"""Gauss-Newton steps; from the linear start the third one changes the mean error by less than a
thousandth of it for noise up to 0.1 of the peak, and by 1 % at 0.2."""

LONGEST_STEP = 1.0
"""In heatmap px along each axis: longer ones leave the region where the model is nearly linear."""

ROUNDING = 1e-6
"""Near the optimum what is explained hardly changes; a loss within this fraction is no loss, or
float32 would stop the steps at a thousandth of a cell."""

SMALLEST_CURVATURE = 1e-12
"""Keeps a step finite where the bump has no slope inside the window."""


class GaussianFit(NamedTuple):
    """A bump fitted to a window of cells.

    Attributes:
        position: (..., 2) centre (x, y) relative to the window's upper left cell, in heatmap px.
        explained: (...) squared responses that the bump explains; what it leaves is the residual.
        precision: (..., 2) curvature of half the squared error along x and y, per heatmap px
            squared: Fisher information times the variance of the noise. There is no cross term.
    """

    position: Tensor
    explained: Tensor
    precision: Tensor


Fit = TypeVar('Fit', bound=NamedTuple)
"""Has the attribute `explained`."""


def fit_gaussian(responses: Tensor, start: Tensor, sigma: float, steps: int = STEPS) -> GaussianFit:
    """Fit height and position of a Gaussian by Gauss-Newton steps on the responses themselves.

    Variable projection: at every position the best height is known in closed form. Everything is
    a sum over separable terms, so that a step costs two small matrix products and one exponential
    for each row and column. A step that explains less is not taken but halved.

    Args:
        responses: (..., h, w) values of a window of cells.
        start: (..., 2) position (x, y) relative to the window's upper left cell, in heatmap px.
        sigma: Standard deviation of the bump in heatmap px.
        steps: Number of steps, fixed so that the batch stays together.

    Returns:
        The fit; not finite where the responses or the start are not.
    """
    return descend(lambda position: _evaluate(responses, position, sigma), start, steps)


def descend(evaluate: Callable[[Tensor], tuple[Fit, Tensor]], start: Tensor, steps: int) -> Fit:
    """Take Gauss-Newton steps; one that explains less is not taken but halved.

    Args:
        evaluate: Gives the fit at (..., P) parameters and the step (..., P) from there.
        start: (..., P) parameters to start from.
        steps: Number of steps.

    Returns:
        The best fit.
    """
    parameters = start
    best, step = evaluate(start)
    for _ in range(steps):
        trial, next_step = evaluate(parameters + step)
        better = trial.explained >= best.explained * (1 - ROUNDING)
        parameters = _choose(better, parameters + step, parameters)
        best = type(best)(*(_choose(better, *values) for values in zip(trial, best)))
        step = _choose(better, next_step, step / 2)
    return best


def _choose(condition: Tensor, values: Tensor, others: Tensor) -> Tensor:
    """`torch.where` for a condition (...) and values with further dimensions behind."""
    missing = values.ndim - condition.ndim
    return torch.where(condition[(..., *(None,) * missing)], values, others)


def start_of_fit(responses: Tensor, cells: Tensor, sigma: float) -> Tensor:
    """Where the fit starts: the linear solution over 3 x 3 cells, weighted by squared responses.

    The noise of a squared range is inversely proportional to the response, hence the weights.

    Args:
        responses: (..., 3, 3) values of the cells round the strongest one.
        cells: (9, 2) coordinates (x, y) of these cells, row by row.
        sigma: Standard deviation of the bump in heatmap px.

    Returns:
        (..., 2) positions (x, y) in the coordinates of the cells.
    """
    responses = responses.flatten(-2)
    weights = responses.clamp(min=0).square()
    return solve_weighted_linear(cells, squared_range(responses, sigma), weights)


def _evaluate(responses: Tensor, position: Tensor, sigma: float) -> tuple[GaussianFit, Tensor]:
    """How well a position fits, and the Gauss-Newton step (..., 2) from there.

    With g the bump of height one, <,> the sum over cells and u the distance to the centre along an
    axis: the best height is <h, g> / <g, g>; the derivative of the bump along the axis is u g, of
    which the part along g is the height's. Of two axes these remainders are orthogonal.
    """
    height, width = responses.shape[-2:]
    profiles, (zero, one, two) = _profiles(position, height, width, sigma)
    bumps_x, bumps_y = profiles[..., 0, :, :width], profiles[..., 1, :, :height]
    products = bumps_y @ (responses @ bumps_x.mT)  # (..., 2, 2): <h, g>, <h, u g>, <h, v g>
    total = products[..., 0, 0]
    slopes = torch.stack((products[..., 0, 1], products[..., 1, 0]), -1)  # (..., 2)
    across = zero.flip(-1)  # the sum along the other axis
    peak = (total / (zero[..., 0] * zero[..., 1])).unsqueeze(-1)
    curvature = (two - one * one / zero) * across
    along = slopes - peak * one * across
    step = along * sigma**2 / (peak * curvature).clamp(min=SMALLEST_CURVATURE)
    fit = GaussianFit(position, total * peak.squeeze(-1), peak**2 * curvature / sigma**4)
    return fit, step.clamp(-LONGEST_STEP, LONGEST_STEP)


def _profiles(
    position: Tensor, height: int, width: int, sigma: float
) -> tuple[Tensor, tuple[Tensor, Tensor, Tensor]]:
    """Both axes of a bump.

    Args:
        position: (..., 2) centre (x, y) of the bump, counted from the first cell.
        height: Number of cells along y.
        width: Number of cells along x.
        sigma: Standard deviation in heatmap px.

    Returns:
        (..., 2, 2, L) profiles g and u g along x and along y, with u the distance from the centre
        and L the longer side, and (..., 2) sums of u^k g^2 along x and y for k = 0, 1, 2.
    """
    steps = torch.arange(max(height, width), dtype=position.dtype, device=position.device)
    distance = steps - position.unsqueeze(-1)  # (..., 2, L)
    bump = torch.exp(distance.square() / (-2 * sigma**2))
    if height != width:
        bump = bump * torch.stack((steps < width, steps < height))
    profiles = torch.stack((bump, distance * bump), -2)
    zero, one, _, two = (profiles @ profiles.mT).flatten(-2).unbind(-1)
    return profiles, (zero, one, two)
