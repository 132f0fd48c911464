"""Linear least squares on differences of squared ranges (KeyPosS equations (11) to (14))."""

import torch
from torch import Tensor

SINGULAR = 1e-9
"""Stations count as collinear when the determinant of the normal matrix is below this fraction of
its trace squared."""


def solve_linear(stations: Tensor, squared_ranges: Tensor) -> Tensor:
    """Solve |a_i - c|^2 = d_i^2 for c after subtracting the last equation from the others.

    Subtracting cancels |c|^2 and whatever is common to all squared ranges, such as an unknown peak
    height: exact for noise-free ranges from at least three stations that are not collinear. Cost:
    one pass over the stations and a 2 x 2 system in closed form.

    Args:
        stations: (..., S, 2) station coordinates (x, y); leading dimensions broadcast with those of
            the ranges, so that one (S, 2) grid can serve all landmarks.
        squared_ranges: (..., S) squared distances to the landmark, in the unit of the stations
            squared; may be negative.

    Returns:
        (..., 2) positions (x, y), NaN where the stations are collinear.
    """
    last = stations[..., -1:, :]
    differences = last - stations[..., :-1, :]  # (..., S - 1, 2): X of equation (11)
    squares = stations.square().sum(-1)  # (..., S)
    right = squared_ranges - squares
    right = (right[..., :-1] - right[..., -1:]) / 2  # (..., S - 1): Y of equation (12)
    xx, xy, _, yy = (differences.mT @ differences).flatten(-2).unbind(-1)
    x, y = (right.unsqueeze(-2) @ differences).squeeze(-2).unbind(-1)
    return _solve_symmetric(xx, xy, yy, x, y)


def solve_weighted_linear(stations: Tensor, squared_ranges: Tensor, weights: Tensor) -> Tensor:
    """Solve |a_i - c|^2 = d_i^2 + e for c and a common offset e by weighted least squares.

    The offset takes up |c|^2 and an unknown peak height, as in `solve_linear`, but no station is
    singled out, so that noise of one does not enter every equation.

    Args:
        stations: (..., S, 2) station coordinates (x, y); leading dimensions broadcast.
        squared_ranges: (..., S) squared distances to the landmark, in the unit of the stations
            squared; may be negative.
        weights: (..., S) weights of the stations, not negative.

    Returns:
        (..., 2) positions (x, y), NaN where the stations with a weight are collinear.
    """
    weights = weights / weights.sum(-1, keepdim=True)
    right = stations.square().sum(-1) - squared_ranges  # (..., S): 2 a_i c, up to a constant
    right = right - (weights * right).sum(-1, keepdim=True)
    centred = stations - (weights.unsqueeze(-1) * stations).sum(-2, keepdim=True)
    weighted = (weights.unsqueeze(-1) * centred).mT  # (..., 2, S)
    xx, xy, _, yy = (weighted @ centred).flatten(-2).unbind(-1)
    x, y = (weighted @ right.unsqueeze(-1) / 2).squeeze(-1).unbind(-1)
    return _solve_symmetric(xx, xy, yy, x, y)


def _solve_symmetric(xx: Tensor, xy: Tensor, yy: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Solve [[xx, xy], [xy, yy]] c = [x, y] of (...) entries; (..., 2), NaN where singular."""
    determinant = xx * yy - xy * xy
    collinear = ~(determinant > SINGULAR * (xx + yy).square())  # NaN counts as singular
    # Dividing by 1 there keeps the gradient of a position that is not used finite.
    determinant = determinant.masked_fill(collinear, 1).unsqueeze(-1)
    position = torch.stack((yy * x - xy * y, xx * y - xy * x), -1) / determinant
    return position.masked_fill(collinear.unsqueeze(-1), torch.nan)
