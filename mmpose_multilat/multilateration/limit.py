"""The statistical limit: the lowest error that any unbiased decoder can have.

A heatmap is taken as a Gaussian bump with independent Gaussian noise of one strength on every cell.
The Cramer-Rao bound then says how far any unbiased estimate of the position must scatter (Kay,
"Fundamentals of Statistical Signal Processing: Estimation Theory", 1993, chapter 3).
"""

import math

import torch
from torch import Tensor

from .coordinates import Size

MEAN_STEPS = 10
"""Arithmetic-geometric means converge quadratically; ten reach float64 from any ratio of axes."""

FLATTEST = 1e-12
"""Smallest ratio of the axes of an ellipse, below which its perimeter no longer changes."""


def cramer_rao_bound(
    positions: Tensor, heatmap_size: Size, sigma: float, noise: float, height: float = 1.0
) -> Tensor:
    """Smallest covariance of an unbiased estimate of a bump's position; its height is unknown.

    Every cell of the grid is known up to the noise. The height is estimated along with the position
    and takes the part of the information that lies along the bump itself. The grid and the bump are
    separable, and what remains of the two slopes is orthogonal: the bound has no xy term.

    Along x it is noise^2 sigma^4 / (height^2 S V): S is the sum of the squared bump over all cells,
    V the variance of the cells' x, each weighted by its squared bump.

    Args:
        positions: (..., 2) true positions (x, y) in heatmap px; may lie outside the grid.
        heatmap_size: Heatmap (W, H) in cells.
        sigma: Standard deviation of the bump in heatmap px.
        noise: Standard deviation of the noise of every cell, above 0.
        height: True height of the bump, above 0.

    Returns:
        (..., 2, 2) covariances in heatmap px squared, in the dtype of the positions; infinite where
        the grid says nothing (a single column, a bump far outside).

    Raises:
        ValueError: If noise, height or sigma are not above 0.
    """
    for name, value in (('sigma', sigma), ('noise', noise), ('height', height)):
        if not value > 0:
            raise ValueError(f'{name} must be above 0, got {value}')
    axes = zip(positions.unbind(-1), heatmap_size)
    strengths, variances = zip(*(_along(place, length, sigma) for place, length in axes))
    information = strengths[0] * strengths[1] * (height / (noise * sigma**2)) ** 2  # (...)
    return torch.diag_embed(1 / (information.unsqueeze(-1) * torch.stack(variances, -1)))


def mean_error_at_bound(covariances: Tensor) -> Tensor:
    """Expected distance of a Gaussian error from zero, E|e|.

    With the standard deviations along the axes of the error ellipse it is sqrt(2 / pi) times a
    quarter of the ellipse's perimeter, a complete elliptic integral of the second kind, computed by
    arithmetic-geometric means (Abramowitz and Stegun 17.6).

    Args:
        covariances: (..., 2, 2) covariances, in px squared for example.

    Returns:
        (...) expected lengths of the error in the root of that unit; infinite for an infinite
        covariance.
    """
    long, short = _half_axes(covariances)
    longest = torch.where(long > 0, long, torch.ones_like(long))
    arithmetic = torch.ones_like(long)
    geometric = (short / longest).clamp(FLATTEST, 1)
    lost = (1 - geometric**2) / 2
    for step in range(MEAN_STEPS):
        difference = (arithmetic - geometric) / 2
        arithmetic, geometric = (arithmetic + geometric) / 2, (arithmetic * geometric).sqrt()
        lost = lost + 2**step * difference**2
    quarter = math.pi / 2 * (1 - lost) / arithmetic  # of the perimeter, longer half axis 1
    unknown = covariances.diagonal(dim1=-2, dim2=-1).isinf().any(-1)
    return (math.sqrt(2 / math.pi) * long * quarter).masked_fill(unknown, math.inf)


def _along(place: Tensor, length: int, sigma: float) -> tuple[Tensor, Tensor]:
    """One axis: (...) sums of the squared bump, and variances of the cells weighted by it."""
    cells = torch.arange(length, dtype=place.dtype, device=place.device)
    exponents = -(cells - place.unsqueeze(-1)).square() / sigma**2
    weights = exponents.softmax(-1)  # also where all exponentials vanish
    centre = (weights * cells).sum(-1, keepdim=True)
    return exponents.exp().sum(-1), (weights * (cells - centre).square()).sum(-1)


def _half_axes(covariances: Tensor) -> tuple[Tensor, Tensor]:
    """Longer and shorter half axis of the ellipses of one standard deviation, (...) each."""
    xx, yy, xy = covariances[..., 0, 0], covariances[..., 1, 1], covariances[..., 0, 1]
    mean, spread = (xx + yy) / 2, torch.hypot((xx - yy) / 2, xy)
    return (mean + spread).sqrt(), (mean - spread).clamp(min=0).sqrt()
