"""A Gaussian with free height, position and width fitted to a window, by plain Gauss-Newton.

Written for looking at heatmaps: it solves the normal equations of all four unknowns at once, where
the decoder works with sums along rows and columns.
"""

from typing import NamedTuple

import torch
from torch import Tensor

STEPS = 8
LONGEST_STEP = 0.5
"""Of every unknown: heights are about 1, positions in heatmap px, widths as logarithms."""

WIDTHS = (0.5, 2.0)
"""Smallest and largest width, in parts of the one that was taught; others are no bump."""

DAMPING = 1e-6
"""On the diagonal of the normal equations, so that a flat window has a solution."""


class Bumps(NamedTuple):
    """M fitted bumps.

    Attributes:
        height: (M,) in the unit of the responses.
        position: (M, 2) centre (x, y) in the window, in heatmap px.
        width: (M,) standard deviation in heatmap px.
    """

    height: Tensor
    position: Tensor
    width: Tensor


def fit_bumps(windows: Tensor, positions: Tensor, sigma: float) -> Bumps:
    """Fit a bump to every window by least squares.

    Args:
        windows: (M, h, w) responses.
        positions: (M, 2) where to start, (x, y) in the window, in heatmap px.
        sigma: Width to start from, in heatmap px.

    Returns:
        The bumps.
    """
    start = (torch.ones_like(positions[:, :1]), positions, torch.zeros_like(positions[:, :1]))
    unknowns = torch.cat(start, -1)  # (M, 4): height, x, y, logarithm of width over sigma
    smallest, largest = (torch.tensor(each).log().item() for each in WIDTHS)
    for _ in range(STEPS):
        values, slopes = _bump_and_slopes(unknowns, windows.shape[-2:], sigma)
        gain = slopes.mT @ (windows.flatten(1) - values).unsqueeze(-1)
        normal = slopes.mT @ slopes + DAMPING * torch.eye(4, dtype=windows.dtype)
        step = torch.linalg.solve(normal, gain).squeeze(-1)
        unknowns = unknowns + step.clamp(-LONGEST_STEP, LONGEST_STEP)
        unknowns[:, 3].clamp_(smallest, largest)
    return Bumps(unknowns[:, 0], unknowns[:, 1:3], sigma * unknowns[:, 3].exp())


def _bump_and_slopes(
    unknowns: Tensor, shape: tuple[int, int], sigma: float
) -> tuple[Tensor, Tensor]:
    """(M, cells) values of the bumps, and (M, cells, 4) derivatives by the unknowns."""
    height, x, y, log_width = (each.view(-1, 1, 1) for each in unknowns.unbind(-1))
    right = torch.arange(shape[1], dtype=unknowns.dtype) - x  # (M, 1, w)
    down = torch.arange(shape[0], dtype=unknowns.dtype).unsqueeze(-1) - y  # (M, h, 1)
    variance = (sigma * log_width.exp()).square()
    distance = (right.square() + down.square()) / variance
    shape_of_one = torch.exp(-distance / 2)
    bump = height * shape_of_one
    slopes = shape_of_one, bump * right / variance, bump * down / variance, bump * distance
    return bump.flatten(1), torch.stack(slopes, -1).flatten(1, 2)
