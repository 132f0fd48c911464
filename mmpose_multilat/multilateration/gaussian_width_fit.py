"""Maximum-likelihood fit of a Gaussian bump whose height and width are both unknown.

For networks that answer with a wider bump where they hesitate; on clean bumps it costs precision.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from .gaussian_fit import LONGEST_STEP, SMALLEST_CURVATURE, STEPS, descend

WIDEST = 2.0
"""The fitted width is between the assumed one divided by this and the assumed one times this: a
bump of other width is none that a network was trained to make."""

LONGEST_WIDTH_STEP = 0.25
"""Of the logarithm of the width; longer ones leave the region where the model is nearly linear."""


class WidthFit(NamedTuple):
    """A bump of any width fitted to a window of cells.

    Attributes:
        position: (..., 2) centre (x, y) relative to the window's upper left cell, in heatmap px.
        sigma: (...) standard deviation of the bump in heatmap px.
        explained: (...) squared responses that the bump explains; what it leaves is the residual.
        precision: (..., 2, 2) Fisher information of the position times the variance of the noise,
            per heatmap px squared; what the unknown width costs is taken off.
    """

    position: Tensor
    sigma: Tensor
    explained: Tensor
    precision: Tensor


def fit_gaussian_and_width(
    responses: Tensor, start: Tensor, sigma: float, steps: int = STEPS
) -> WidthFit:
    """Fit height, width and position of a Gaussian by Gauss-Newton steps on the responses.

    As `fit_gaussian`, with the logarithm of the width as a third unknown.

    Args:
        responses: (..., h, w) values of a window of cells.
        start: (..., 2) position (x, y) relative to the window's upper left cell, in heatmap px.
        sigma: Standard deviation to start from, in heatmap px.
        steps: Number of steps.

    Returns:
        The fit; not finite where the responses or the start are not.
    """
    start = torch.cat((start, torch.zeros_like(start[..., :1])), -1)
    return descend(lambda parameters: _evaluate(responses, parameters, sigma), start, steps)


def _evaluate(responses: Tensor, parameters: Tensor, sigma: float) -> tuple[WidthFit, Tensor]:
    """The fit at x, y and the logarithm of width / sigma, and the step (..., 3) from there.

    With g the bump of height one and u, v the distances along x and y, the derivatives are u g, v g
    and (u^2 + v^2) g, each divided by the variance of the bump. Their scalar products are products
    of sums along x and along y; the part along g is the height's and is taken off.
    """
    position, stretch = parameters[..., :2], parameters[..., 2].exp()
    width = sigma * stretch.clamp(1 / WIDEST, WIDEST)
    variance = width.square()
    x, y = (_profiles(position[..., axis], variance, responses.shape[-1 - axis]) for axis in (0, 1))
    across, down = _moments(x), _moments(y)  # (..., 5)
    products = y[..., :3, :] @ (responses @ x[..., :3, :].mT)  # (..., 3, 3): <h, v^j u^k g>
    norm = across[..., 0] * down[..., 0]
    peak = products[..., 0, 0] / norm
    along_height = _along_height(across, down)  # (..., 3)
    slopes = torch.stack(
        (products[..., 0, 1], products[..., 1, 0], products[..., 0, 2] + products[..., 2, 0]), -1
    )
    xx, yy, xw, yw, ww = _gram(across, down, along_height, norm)
    right = slopes - peak.unsqueeze(-1) * along_height
    step = _solve(xx, yy, xw, yw, ww, right) * (variance / peak).unsqueeze(-1)
    coupling = torch.stack((xw, yw), -1)
    lost = coupling.unsqueeze(-1) * coupling.unsqueeze(-2) / ww[..., None, None]
    precision = torch.diag_embed(torch.stack((xx, yy), -1)) - lost
    precision = precision * (peak / variance).square()[..., None, None]
    limits = step.new_tensor([LONGEST_STEP, LONGEST_STEP, LONGEST_WIDTH_STEP])
    fit = WidthFit(position, width, products[..., 0, 0] * peak, precision)
    return fit, step.clamp(-limits, limits)


def _profiles(position: Tensor, variance: Tensor, length: int) -> Tensor:
    """(..., 5, L) u^k g along one axis for k = 0 ... 4, for (...) positions and variances."""
    steps = torch.arange(length, dtype=position.dtype, device=position.device)
    distance = steps - position.unsqueeze(-1)
    bump = torch.exp(distance.square() / (-2 * variance).unsqueeze(-1))
    return torch.stack([bump * distance**power for power in range(5)], -2)


def _moments(profiles: Tensor) -> Tensor:
    """(..., 5) sums of u^k g^2 along an axis."""
    return (profiles * profiles[..., :1, :]).sum(-1)


def _along_height(across: Tensor, down: Tensor) -> Tensor:
    """(..., 3) scalar products of g with u g, v g and (u^2 + v^2) g."""
    (zero, one, two, *_), (zero_y, one_y, two_y, *_) = across.unbind(-1), down.unbind(-1)
    return torch.stack((one * zero_y, zero * one_y, two * zero_y + zero * two_y), -1)


def _gram(
    across: Tensor, down: Tensor, along_height: Tensor, norm: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Scalar products xx, yy, xw, yw, ww (...) of the derivatives without their part along g.

    That of x and y is zero.
    """
    x0, x1, x2, x3, x4 = across.unbind(-1)
    y0, y1, y2, y3, y4 = down.unbind(-1)
    x, y, w = along_height.unbind(-1)
    return (
        x2 * y0 - x * x / norm,
        x0 * y2 - y * y / norm,
        x3 * y0 + x1 * y2 - x * w / norm,
        x2 * y1 + x0 * y3 - y * w / norm,
        x4 * y0 + 2 * x2 * y2 + x0 * y4 - w * w / norm,
    )


def _solve(xx: Tensor, yy: Tensor, xw: Tensor, yw: Tensor, ww: Tensor, right: Tensor) -> Tensor:
    """Solve [[xx, 0, xw], [0, yy, yw], [xw, yw, ww]] d = right (..., 3), the width first."""
    x, y, w = right.unbind(-1)
    xx, yy = xx.clamp(min=SMALLEST_CURVATURE), yy.clamp(min=SMALLEST_CURVATURE)
    left = (ww - xw * xw / xx - yw * yw / yy).clamp(min=SMALLEST_CURVATURE)
    w = (w - xw * x / xx - yw * y / yy) / left
    return torch.stack(((x - xw * w) / xx, (y - yw * w) / yy, w), -1)
