"""Landmark to Gaussian heatmap, and heatmap value to squared distance."""

import math

import torch
from torch import Tensor

from .coordinates import Size

LABEL_REACH = 3.0
"""A landmark up to this many sigma outside the heatmap still has a label (MMPose's 3-sigma
rule)."""

SMALLEST_RESPONSE = 1e-6
"""Responses are raised to this value before the logarithm; a true Gaussian falls below it at
`farthest_range`, 5.3 sigma."""

SMALLEST_EXPONENT = -43.0
"""At 9.3 sigma, along one axis. Smaller numbers or their products would not be normal float32
numbers, with which processors calculate several times slower."""


def encode_gaussian(landmarks: Tensor, heatmap_size: Size, sigma: float) -> Tensor:
    """Gaussians of peak 1 over the whole grid, without a cut at 3 sigma.

    A Gaussian is separable, so H + W exponentials and one outer product make a map of H x W cells
    (POPoS section 3.2; KeyPosS equation (3) with a peak of one instead of the undefined factor 1 /
    (2 pi r)).

    Args:
        landmarks: (..., 2) coordinates (x, y) in heatmap px; may lie outside the heatmap.
        heatmap_size: Heatmap (W, H) in cells.
        sigma: Standard deviation in heatmap px.

    Returns:
        (..., H, W) heatmaps with values in (0, 1], in the dtype and on the device of the landmarks;
        1e-19 and less counts as 1e-19 along each axis.
    """
    width, height = heatmap_size
    steps = torch.arange(max(width, height), dtype=landmarks.dtype, device=landmarks.device)
    exponents = (steps - landmarks.unsqueeze(-1)).square() / (-2 * sigma**2)
    along = exponents.clamp(min=SMALLEST_EXPONENT).exp()  # (..., 2, longer side)
    return along[..., 1, :height, None] * along[..., 0, None, :width]


def has_label(landmarks: Tensor, heatmap_size: Size, sigma: float) -> Tensor:
    """Whether the 3-sigma square round a landmark touches the heatmap.

    MMPose gives no label to the others.

    Args:
        landmarks: (..., 2) coordinates (x, y) in heatmap px. NaN and infinite landmarks have no
            label.
        heatmap_size: Heatmap (W, H) in cells.
        sigma: Standard deviation in heatmap px.

    Returns:
        (...) booleans.
    """
    reach = LABEL_REACH * sigma
    inside = landmarks >= -1 - reach  # False for NaN
    if heatmap_size[0] == heatmap_size[1]:
        return (inside & (landmarks < heatmap_size[0] + reach)).all(-1)
    (x, y), (width, height) = landmarks.unbind(-1), heatmap_size
    return inside.all(-1) & (x < width + reach) & (y < height + reach)


def farthest_range(sigma: float) -> float:
    """The largest distance, in heatmap px, that the response of a cell can tell."""
    return sigma * math.sqrt(-2 * math.log(SMALLEST_RESPONSE))


def squared_range(responses: Tensor, sigma: float) -> Tensor:
    """Squared distance between a cell and its landmark: d^2 = -2 sigma^2 ln(h) (POPoS section 3.2).

    Responses above 1 give a negative square on purpose: a factor on the whole heatmap adds the same
    constant to every squared range, which differences between stations cancel exactly, while
    clipping at 1 would not.

    Args:
        responses: Heatmap values of any shape; values below `SMALLEST_RESPONSE` (zero, negative)
            count as that value.
        sigma: Standard deviation of the heatmap's Gaussians in heatmap px.

    Returns:
        Squared ranges in heatmap px squared, shaped like the responses.
    """
    return responses.clamp(min=SMALLEST_RESPONSE).log() * (-2 * sigma**2)
