"""How far from the landmark a solution may lie: noise of the cells times dilution of precision.

A position c is a function of the responses h_i. With independent noise of variance s^2 on them its
covariance is, to first order, s^2 times the sum over the cells of (dc / dh_i) (dc / dh_i)'. The sum
depends on where the stations stand and how strong they are; navigation by satellites calls it
dilution of precision. s^2 comes from what the bump leaves unexplained.
"""

import torch
from torch import Tensor

from .gaussian import SMALLEST_RESPONSE, encode_gaussian, squared_range
from .gaussian_fit import fit_gaussian
from .linear import solve_linear

STEPS = 2
"""Gauss-Newton steps before the residual is taken. An error of the position would count as noise:
KeyPosS would find up to twice the variance."""

FITTED = 3
"""Unknowns of the fit: height, x and y."""

SPREAD = 2
"""An error divided by a deviation that is estimated from n numbers has the variance n / (n - 2)
(Student's distribution); dividing by n - 2 instead of n makes it 1."""

FEWEST_CELLS = FITTED + SPREAD + 1
"""Smaller windows say nothing about the noise."""


def noise_variance(responses: Tensor, position: Tensor, sigma: float) -> Tensor:
    """Variance of the noise on every cell of a window with one Gaussian bump.

    Args:
        responses: (..., h, w) values of the window, at least 6 cells.
        position: (..., 2) a position (x, y) near the bump's centre, relative to the window's upper
            left cell, in heatmap px.
        sigma: Standard deviation of the bump in heatmap px.

    Returns:
        (...) variances, in squared units of the responses, such that errors divided by standard
        deviations have a variance of 1; not finite where the responses are not.

    Raises:
        ValueError: If the window has too few cells.
    """
    height, width = responses.shape[-2:]
    if height * width < FEWEST_CELLS:
        raise ValueError(
            f'covariances need heatmaps of at least {FEWEST_CELLS} cells, got {width} x {height}'
        )
    position = fit_gaussian(responses, position, sigma, STEPS).position
    bump = encode_gaussian(position, (width, height), sigma)
    peak = (responses * bump).sum((-2, -1)) / bump.square().sum((-2, -1))
    left = (responses - peak[..., None, None] * bump).square().sum((-2, -1))
    return left / (height * width - FITTED - SPREAD)


def dilution_of_linear(stations: Tensor, responses: Tensor, sigma: float) -> Tensor:
    """Dilution of precision of `solve_linear` (KeyPosS).

    The solution is linear in the squared ranges, so that solving for unit vectors gives its
    derivatives.

    Args:
        stations: (S, 2) station coordinates (x, y), the same for all landmarks.
        responses: (..., S) responses of the stations.
        sigma: Standard deviation of the bump in heatmap px.

    Returns:
        (..., 2, 2) covariance of the position for noise of variance 1, in heatmap px squared.
    """
    units = torch.eye(len(stations), dtype=stations.dtype, device=stations.device)
    offset = solve_linear(stations, torch.zeros_like(units[0]))
    return _dilution(solve_linear(stations, units) - offset, responses, sigma)


def dilution_of_range_cost(
    stations: Tensor, responses: Tensor, position: Tensor, sigma: float
) -> Tensor:
    """Dilution of precision of a minimum of the range cost (POPoS).

    At the minimum the gradient 4 sum r_i (c - a_i) vanishes, r_i = |a_i - c|^2 - d_i^2; its
    derivatives along c and along d_i^2 give that of c (implicit function theorem).

    Args:
        stations: (..., S, 2) station coordinates (x, y).
        responses: (..., S) responses of the stations.
        position: (..., 2) the minimum (x, y), in the coordinates of the stations.
        sigma: Standard deviation of the bump in heatmap px.

    Returns:
        (..., 2, 2) covariance of the position for noise of variance 1, in heatmap px squared; NaN
        where the cost has no curvature.
    """
    apart = position.unsqueeze(-2) - stations  # (..., S, 2)
    residuals = apart.square().sum(-1) - squared_range(responses, sigma)
    identity = torch.eye(2, dtype=apart.dtype, device=apart.device)
    curvature = residuals.sum(-1)[..., None, None] * identity + 2 * apart.mT @ apart
    return _dilution(apart @ invert_symmetric(curvature), responses, sigma)


def _dilution(gains: Tensor, responses: Tensor, sigma: float) -> Tensor:
    """Sum of outer products of dc / dh_i.

    Args:
        gains: (..., S, 2) derivatives of the position by the squared ranges.
        responses: (..., S) responses, whose squared ranges have the derivative -2 sigma^2 / h.
        sigma: Standard deviation of the bump in heatmap px.
    """
    slopes = 2 * sigma**2 / responses.clamp(min=SMALLEST_RESPONSE)
    gains = gains * slopes.unsqueeze(-1)
    return gains.mT @ gains


def invert_symmetric(matrix: Tensor) -> Tensor:
    """Inverse of symmetric (..., 2, 2) matrices; NaN where the determinant is not above zero."""
    (xx, xy), (_, yy) = (row.unbind(-1) for row in matrix.unbind(-2))
    determinant = xx * yy - xy * xy
    determinant = determinant.masked_fill(~(determinant > 0), torch.nan)
    adjugate = torch.stack((torch.stack((yy, -xy), -1), torch.stack((-xy, xx), -1)), -2)
    return adjugate / determinant[..., None, None]
