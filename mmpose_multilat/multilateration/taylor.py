"""Second-order Taylor expansion of the log heatmap at its maximum.

DARK; KeyPosS equation (8), corrected: m - H^-1 g.
"""

import torch
from torch import Tensor

from .windows import gather_patch

REACH = 2
"""The derivatives are central differences over up to two cells, so the maximum needs two neighbours
on every side."""

SMALL_KERNELS: dict[int, tuple[float, ...]] = {
    1: (1.0,),
    3: (0.25, 0.5, 0.25),
    5: (0.0625, 0.25, 0.375, 0.25, 0.0625),
    7: (0.03125, 0.109375, 0.21875, 0.28125, 0.21875, 0.109375, 0.03125),
    9: tuple(tap / 256 for tap in (4, 13, 30, 51, 60, 51, 30, 13, 4)),
}
"""OpenCV, with which MMPose blurs, uses these instead of sampled Gaussians up to a side of 9."""

SMALLEST_BLURRED_RESPONSE = 1e-10
"""Blurred responses are raised to this value before the logarithm, as in MMPose."""


def blurred_neighbourhood(heatmaps: Tensor, cells: Tensor, kernel_size: int) -> Tensor:
    """The 5 x 5 cells round each peak of the Gaussian-blurred heatmap, zero outside the heatmap.

    Only the cells that these 25 depend on are read: two small matrix products instead of a filter
    over the whole heatmap.

    Args:
        heatmaps: (..., H, W) heatmaps.
        cells: (..., 2) peaks (x, y), whole numbers.
        kernel_size: Odd side of the blur kernel in cells. From 11 on its sigma is
            0.3 ((kernel_size - 1) / 2 - 1) + 0.8; smaller ones are OpenCV's fixed kernels.

    Returns:
        (..., 5, 5) blurred values, float32 (float64 for float64 heatmaps).
    """
    radius = REACH + kernel_size // 2
    side = 2 * radius + 1
    x, y = (cells - radius).unbind(-1)
    patch = gather_patch(heatmaps, x, y, side, side)
    steps = torch.arange(side, device=cells.device)
    inside_x = _is_inside(x.unsqueeze(-1) + steps, heatmaps.shape[-1])
    inside_y = _is_inside(y.unsqueeze(-1) + steps, heatmaps.shape[-2])
    blur = _blur_matrix(kernel_size, patch)  # (5, side)
    # Taps outside the heatmap count as zero; that is cheaper than zeros in the larger patch.
    return (blur * inside_y.unsqueeze(-2)) @ patch @ (blur * inside_x.unsqueeze(-2)).mT


def _is_inside(index: Tensor, length: int) -> Tensor:
    return (index >= 0) & (index < length)


def _blur_matrix(kernel_size: int, like: Tensor) -> Tensor:
    """(5, 4 + kernel_size) matrix whose rows are the Gaussian kernel, each shifted by one cell."""
    kernel = _blur_kernel(kernel_size, like)
    rows = torch.arange(2 * REACH + 1, device=like.device).unsqueeze(-1)
    columns = torch.arange(2 * REACH + kernel_size, device=like.device) - rows
    inside = (columns >= 0) & (columns < kernel_size)
    return kernel[columns.clamp(0, kernel_size - 1)] * inside


def _blur_kernel(kernel_size: int, like: Tensor) -> Tensor:
    """(kernel_size,) taps of the Gaussian blur, summing to 1."""
    if kernel_size in SMALL_KERNELS:
        return torch.tensor(SMALL_KERNELS[kernel_size], dtype=like.dtype, device=like.device)
    sigma = 0.3 * ((kernel_size - 1) / 2 - 1) + 0.8
    taps = torch.arange(kernel_size, dtype=like.dtype, device=like.device) - kernel_size // 2
    return torch.softmax(taps.square() / (-2 * sigma**2), 0)


def taylor_shift(neighbourhood: Tensor) -> Tensor:
    """Maximum of the parabola through the log responses: m - H^-1 g, with MMPose's stencils.

    Args:
        neighbourhood: (..., 5, 5) responses round the maximum, row by row.

    Returns:
        (..., 2) shifts (x, y) from the middle cell in heatmap px, NaN where the Hessian is
        singular.
    """
    log = neighbourhood.clamp(min=SMALLEST_BLURRED_RESPONSE).log()
    middle = 2 * log[..., 2, 2]
    x = (log[..., 2, 3] - log[..., 2, 1]) / 2
    y = (log[..., 3, 2] - log[..., 1, 2]) / 2
    xx = (log[..., 2, 4] - middle + log[..., 2, 0]) / 4
    yy = (log[..., 4, 2] - middle + log[..., 0, 2]) / 4
    xy = (log[..., 3, 3] - log[..., 1, 3] - log[..., 3, 1] + log[..., 1, 1]) / 4
    determinant = (xx * yy - xy * xy).unsqueeze(-1)
    singular = determinant == 0
    # Dividing by 1 there keeps the gradient of a shift that is not used finite.
    shift = torch.stack((xy * y - yy * x, xy * x - xx * y), -1) / determinant.masked_fill(
        singular, 1
    )
    return shift.masked_fill(singular, torch.nan)
