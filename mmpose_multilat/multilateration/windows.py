"""Rectangles of cells cut out of heatmaps."""

import torch
from torch import Tensor

from .precision import working_dtype


def surrounding_window(heatmaps: Tensor, cells: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """A window round a cell of every heatmap, moved where it would leave the heatmap.

    Args:
        heatmaps: (..., H, W) heatmaps.
        cells: (..., 2) cells (x, y), whole numbers; may lie outside.
        size: Side of the window in cells; the whole heatmap along a side that is shorter.

    Returns:
        corners: (..., 2) upper left cell (x, y) of the window, whole numbers.
        responses: (..., h, w) values of its cells, float32 (float64 for float64 heatmaps).
    """
    lengths = heatmaps.shape[-1], heatmaps.shape[-2]
    width, height = (min(size, length) for length in lengths)
    x = (cells[..., 0] - width // 2).clamp(0, lengths[0] - width)
    y = (cells[..., 1] - height // 2).clamp(0, lengths[1] - height)
    return torch.stack((x, y), -1), gather_patch(heatmaps, x, y, width, height)


def gather_patch(heatmaps: Tensor, x: Tensor, y: Tensor, width: int, height: int) -> Tensor:
    """Cut a rectangle of cells out of every heatmap.

    Args:
        heatmaps: (..., H, W) heatmaps.
        x: (...) column of the upper left cell; may lie outside.
        y: (...) row of the upper left cell; may lie outside.
        width: Cells in a row of the rectangle.
        height: Cells in a column of the rectangle.

    Returns:
        (..., height, width) values, float32 (float64 for float64 heatmaps). Places outside the
        heatmap repeat its nearest cell.
    """
    rows = y.unsqueeze(-1) + torch.arange(height, device=y.device)
    columns = x.unsqueeze(-1) + torch.arange(width, device=x.device)
    rows = rows.clamp(0, heatmaps.shape[-2] - 1)
    columns = columns.clamp(0, heatmaps.shape[-1] - 1)
    index = (rows * heatmaps.shape[-1]).unsqueeze(-1) + columns.unsqueeze(-2)
    values = heatmaps.flatten(-2).gather(-1, index.flatten(-2))
    return values.unflatten(-1, (height, width)).to(working_dtype(heatmaps))
