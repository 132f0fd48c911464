"""Which cells are stations: a window round the peak (KeyPosS) or the strongest cells (POPoS)."""

import torch
from torch import Tensor

from .peaks import working_dtype

EDGES = ('all', 'official')


def window_offsets(kernel_size: int, like: Tensor) -> Tensor:
    """The cells of a window, row by row.

    Args:
        kernel_size: Side of the window in cells.
        like: A tensor whose dtype and device the result takes.

    Returns:
        (kernel_size^2, 2) coordinates (x, y) relative to the upper left cell.
    """
    steps = torch.arange(kernel_size, dtype=like.dtype, device=like.device)
    return torch.cartesian_prod(steps, steps).flip(-1)


def window_stations(
    heatmaps: Tensor, cells: Tensor, kernel_size: int, search_radius: int = 2, edge: str = 'all'
) -> tuple[Tensor, Tensor]:
    """The window of the largest sum inside a search window round the strongest cell.

    KeyPosS section 3.4 (2) and figure 5.

    Args:
        heatmaps: (..., H, W) heatmaps.
        cells: (..., 2) strongest cells (x, y), whole numbers.
        kernel_size: Side of the window in cells, at most the smaller side of the heatmap (one less
            with `edge='official'`).
        search_radius: The window lies within this many cells of the strongest cell. Where that
            leaves no place for a window, the one window is taken that starts at the search window's
            first cell.
        edge: 'all' lets the window reach every cell; 'official' keeps it off the last row and
            column, as the authors' code does.

    Returns:
        corners: (..., 2) upper left cell (x, y) of the window, whole numbers.
        responses: (..., kernel_size^2) values of its cells, row by row, float32 (float64 for
            float64 heatmaps).
    """
    height, width = heatmaps.shape[-2:]
    smaller = kernel_size + (edge == 'official')
    x, valid_x = _window_starts(cells[..., 0], width - smaller, kernel_size, search_radius)
    y, valid_y = _window_starts(cells[..., 1], height - smaller, kernel_size, search_radius)
    places_x, places_y = valid_x.shape[-1], valid_y.shape[-1]
    patch = gather_patch(heatmaps, x, y, places_x + kernel_size - 1, places_y + kernel_size - 1)
    windows = patch.unfold(-2, kernel_size, 1).unfold(-2, kernel_size, 1)
    valid = valid_y.unsqueeze(-1) & valid_x.unsqueeze(-2)  # (..., places_y, places_x)
    sums = windows.sum((-2, -1)).masked_fill(~valid, -torch.inf)
    best = sums.flatten(-2).argmax(-1)  # (...)
    x, y = x + best % places_x, y + best.div(places_x, rounding_mode='floor')
    responses = gather_patch(heatmaps, x, y, kernel_size, kernel_size).flatten(-2)
    return torch.stack((x, y), -1), responses


def _window_starts(
    cell: Tensor, limit: int, kernel_size: int, search_radius: int
) -> tuple[Tensor, Tensor]:
    """Where windows can start along one axis.

    Args:
        cell: (...) strongest cell along the axis.
        limit: Last start at which a window fits into the heatmap.
        kernel_size: See `window_stations`.
        search_radius: See `window_stations`.

    Returns:
        First start (...), and for each of the places from there (..., places) whether a window may
        start there.
    """
    first = (cell - search_radius).clamp(0, limit)
    last = (cell + search_radius + 1 - kernel_size).clamp(0, limit)
    places = min(max(1, 2 * search_radius + 2 - kernel_size), limit + 1)
    place = torch.arange(places, device=cell.device)
    return first, place <= (last - first).clamp(min=0).unsqueeze(-1)


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


def strongest_cells(heatmaps: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The cells with the largest responses, in descending order (POPoS section 3.2).

    They lie in the `count` rows with the largest row maxima, so that only those rows are sorted.

    Args:
        heatmaps: (..., H, W) heatmaps.
        count: How many cells, at most H * W.

    Returns:
        cells: (..., count, 2) coordinates (x, y), whole numbers.
        responses: (..., count) values, float32 (float64 for float64 heatmaps).
    """
    height, width = heatmaps.shape[-2:]
    if count >= height:
        responses, index = heatmaps.flatten(-2).topk(count)
        rows = index.div(width, rounding_mode='floor')
    else:
        candidate_rows = heatmaps.amax(-1).topk(count, sorted=False).indices  # (..., count)
        line_index = candidate_rows.unsqueeze(-1).expand(*candidate_rows.shape, width)
        lines = heatmaps.gather(-2, line_index)
        responses, index = lines.flatten(-2).topk(count)
        rows = candidate_rows.gather(-1, index.div(width, rounding_mode='floor'))
    return torch.stack((index % width, rows), -1), responses.to(working_dtype(heatmaps))
