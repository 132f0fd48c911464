"""The one convention of coordinates; everything that converts goes through this file.

A heatmap of W x H cells lies over an input image of w x h px. Cell (i, j), row i and column j,
has its centre at the heatmap coordinate (x, y) = (j, i); a pixel likewise has its centre at whole
numbers. For a row of W = 4 cells over w = 256 px:

    input px        0               64              128             192         255
    msra cells      0---------------1---------------2---------------3            |     pitch 256 / 4
    = 64 px udp cells       0--------------------1--------------------2------------------3     pitch
    255 / 3       = 85 px

`msra` (MMPose's MSRAHeatmap) leaves nothing at the right and lower side: landmarks there lie
outside the cells. `udp` puts the first and the last cell on the first and the last pixel.
"""

from collections.abc import Callable

import torch
from torch import Tensor

ALIGNMENTS = ('msra', 'udp')

Size = tuple[int, int]


def cell_pitch(
    input_size: Size, heatmap_size: Size, alignment: str = 'msra'
) -> tuple[float, float]:
    """Distance between neighbouring cell centres, in input px.

    Args:
        input_size: Input image (w, h) in px.
        heatmap_size: Heatmap (W, H) in cells; at least 2 x 2 for `udp`.
        alignment: 'msra' (w / W) or 'udp' ((w - 1) / (W - 1)).

    Returns:
        The pitch along x and along y, in input px per heatmap px.

    Raises:
        ValueError: If the alignment is unknown, or 'udp' is asked of a heatmap with one row or
            column.
    """
    if alignment not in ALIGNMENTS:
        raise ValueError(f'alignment={alignment!r} is unknown, use one of {ALIGNMENTS}')
    if alignment == 'msra':
        return input_size[0] / heatmap_size[0], input_size[1] / heatmap_size[1]
    if min(heatmap_size) < 2:
        raise ValueError(
            f"alignment='udp' needs a heatmap_size of at least (2, 2), got {tuple(heatmap_size)}"
        )
    return (input_size[0] - 1) / (heatmap_size[0] - 1), (input_size[1] - 1) / (heatmap_size[1] - 1)


def heatmap_to_input(
    coordinates: Tensor, input_size: Size, heatmap_size: Size, alignment: str = 'msra'
) -> Tensor:
    """Convert (..., 2) coordinates (x, y) from heatmap px to input px; see `cell_pitch`."""
    return _scale(coordinates, cell_pitch(input_size, heatmap_size, alignment), torch.mul)


def input_to_heatmap(
    coordinates: Tensor, input_size: Size, heatmap_size: Size, alignment: str = 'msra'
) -> Tensor:
    """Convert (..., 2) coordinates (x, y) from input px to heatmap px; see `cell_pitch`."""
    return _scale(coordinates, cell_pitch(input_size, heatmap_size, alignment), torch.div)


def _scale(
    coordinates: Tensor, pitch: tuple[float, float], operation: Callable[..., Tensor]
) -> Tensor:
    """Multiply or divide by numbers: a tensor would have to be copied to a GPU first."""
    if pitch[0] == pitch[1]:
        return operation(coordinates, pitch[0])
    x, y = coordinates.unbind(-1)
    return torch.stack((operation(x, pitch[0]), operation(y, pitch[1])), -1)
