"""Landmark to Gaussian vectors: one vector for each axis instead of a map.

Xiong et al., "Gaussian Vector: An Efficient Solution for Facial Landmark Detection", ACCV 2020,
section 3.2.
"""

import torch
from torch import Tensor

from .gaussian import LABEL_REACH, SMALLEST_EXPONENT


def encode_vectors(
    positions: Tensor, length: int, sigma: float, theta: float = 3.0, rounded: bool = True
) -> Tensor:
    """Labels along one axis, for landmarks in the vector and up to 3 sigma beyond its ends.

    The paper's label (`rounded=True`) rounds the landmark to its cell and has a bump of height 1,
    cut off at 3 sigma, with 1 + theta in the landmark's cell alone (equation (2), whose exponent
    lacks the square). A landmark beyond the ends has no such cell in the vector.

    `rounded=False` keeps the exact position and scales the whole bump to the height 1 + theta, not
    cut off. A landmark that moves on then never makes the label jump, and all cells stay responses
    of one Gaussian: their ranges, less those of their neighbours, are exact whatever theta is,
    which they were not with an excess in one cell.

    Args:
        positions: (...) coordinates of landmarks along the axis, in heatmap px; may lie outside.
        length: Number of cells.
        sigma: Standard deviation in heatmap px.
        theta: What the peak has beyond 1, not negative.
        rounded: See above.

    Returns:
        (..., length) vectors with values in [0, 1 + theta], in the dtype and on the device of the
        positions; all zero where the landmark (rounded, if labels are) lies 3 sigma or more beyond
        an end, or is not finite.
    """
    centres = (positions + 0.5).floor() if rounded else positions
    reach = LABEL_REACH * sigma
    steps = torch.arange(length, dtype=positions.dtype, device=positions.device)
    distances = (steps - centres.unsqueeze(-1)).abs()  # (..., length)
    exponents = (distances / sigma).square() / -2
    if rounded:
        labels = exponents.exp().masked_fill(distances == 0, 1 + theta)
        return labels.masked_fill(~(distances < reach), 0)  # NaN too
    labels = (1 + theta) * exponents.clamp(min=SMALLEST_EXPONENT).exp()
    return labels.masked_fill(~(distances.amin(-1, keepdim=True) < reach), 0)
