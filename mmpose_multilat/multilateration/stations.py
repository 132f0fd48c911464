"""Which cells are stations: a window round the peak (KeyPosS) or the strongest cells (POPoS)."""

import math
from typing import Optional

import torch
from torch import Tensor

from .peaks import Peaks, can_branch_on_data, find_peaks, row_maxima, take_rows
from .precision import working_dtype

EDGES = ('all', 'official')

SMALLEST_SHARE = 4
"""A window pays when the heatmap has this many times its cells; sorting all of them is as fast on
smaller ones."""


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
    places_x, places_y = len(valid_x), len(valid_y)
    # Landmarks last, so that many are handled at once: rows of a few cells are too short for that.
    patch = _patch_first(heatmaps, x, y, places_x + kernel_size - 1, places_y + kernel_size - 1)
    sums = _sliding_sum(patch.detach(), 1, kernel_size).masked_fill(~valid_x, -torch.inf)
    sums = _sliding_sum(sums, 0, kernel_size).masked_fill(~valid_y.unsqueeze(1), -torch.inf)
    best = sums.flatten(0, 1).max(0).indices  # (...) among places_y x places_x
    right, down = best % places_x, best.div(places_x, rounding_mode='floor')
    side = patch.shape[1]
    steps = _steps(kernel_size, best)
    inner = (steps.unsqueeze(1) * side + steps).flatten(0, 1)  # (kernel_size^2, ...)
    responses = patch.flatten(0, 1).gather(0, inner + (down * side + right))
    return torch.stack((x + right, y + down), -1), responses.movedim(0, -1)


def _steps(count: int, like: Tensor) -> Tensor:
    """(count, ...) numbers 0, 1, 2 ... that broadcast with a tensor (...)."""
    return torch.arange(count, device=like.device).view(-1, *(1,) * like.ndim)


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
        First start (...), and for each of the places from there (places, ...) whether a window may
        start there.
    """
    first = (cell - search_radius).clamp(0, limit)
    last = (cell + search_radius + 1 - kernel_size).clamp(0, limit)
    places = min(max(1, 2 * search_radius + 2 - kernel_size), limit + 1)
    return first, _steps(places, cell) <= (last - first).clamp(min=0)


def _sliding_sum(patch: Tensor, dim: int, length: int) -> Tensor:
    """Sums of `length` neighbours along a dimension, which becomes shorter by `length` - 1."""
    places = patch.shape[dim] - length + 1
    return sum(patch.narrow(dim, start, places) for start in range(length))


def _patch_first(heatmaps: Tensor, x: Tensor, y: Tensor, width: int, height: int) -> Tensor:
    """Like `gather_patch`, but (height, width, ...), and the first cell must lie inside."""
    rows = (y + _steps(height, y)).clamp(max=heatmaps.shape[-2] - 1)
    columns = (x + _steps(width, x)).clamp(max=heatmaps.shape[-1] - 1)
    index = (rows * heatmaps.shape[-1]).unsqueeze(1) + columns
    values = heatmaps.flatten(-2).movedim(-1, 0).gather(0, index.flatten(0, 1))
    return values.unflatten(0, (height, width)).to(working_dtype(heatmaps))


def strongest_cells(
    heatmaps: Tensor, count: int, peaks: Optional[Peaks] = None, in_order: bool = True
) -> tuple[Tensor, Tensor]:
    """The cells with the largest responses (POPoS section 3.2).

    Round the one bump of a good heatmap they fill a small disc, so that sorting a window round the
    peak is enough; the few heatmaps where a cell beside the window is larger than the last of them
    are searched as a whole. The answer is exact for every heatmap.

    Args:
        heatmaps: (..., H, W) heatmaps.
        count: How many cells, at most H * W.
        peaks: What `find_peaks` says about these heatmaps, if it is known already.
        in_order: Sort the cells by descending response; without that a third of the time is saved.

    Returns:
        cells: (..., count, 2) coordinates (x, y), whole numbers.
        responses: (..., count) values, float32 (float64 for float64 heatmaps).
    """
    height, width = heatmaps.shape[-2:]
    side = 2 * math.ceil(math.sqrt(count / math.pi)) + 1
    fits = side <= min(height, width) and side * side * SMALLEST_SHARE <= height * width
    if not (fits and can_branch_on_data(heatmaps)):
        return _strongest_anywhere(heatmaps, count, peaks, in_order)
    peaks = find_peaks(heatmaps) if peaks is None else peaks
    cells, responses, certain = _strongest_in_window(heatmaps, count, side, peaks, in_order)
    if not certain.all():
        doubtful = ~certain
        some = Peaks(*(attribute[doubtful] for attribute in peaks))
        answer = _strongest_anywhere(heatmaps[doubtful], count, some, in_order)
        cells[doubtful], responses[doubtful] = answer
    return cells, responses


def _strongest_in_window(
    heatmaps: Tensor, count: int, side: int, peaks: Peaks, in_order: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """The strongest cells of a window round the peak.

    Args:
        heatmaps: (..., H, W) heatmaps.
        count: How many cells, at most side^2.
        side: Side of the window in cells, at most H and W.
        peaks: Peaks of the heatmaps.
        in_order: See `strongest_cells`.

    Returns:
        Cells and responses as `strongest_cells`, and whether no cell beside the window is larger
        (...).
    """
    height, width = heatmaps.shape[-2:]
    lowest = torch.finfo(heatmaps.dtype).min
    steps = torch.arange(side, device=heatmaps.device)
    x, y = (peaks.cells - side // 2).unsqueeze(-1).unbind(-2)  # (..., 1): corner of the window
    x, y = x.clamp(0, width - side), y.clamp(0, height - side)
    rows, columns = y + steps, x + steps  # (..., side)
    lines = take_rows(heatmaps, rows)  # (..., side, W)
    patch = lines.gather(-1, columns.unsqueeze(-2).expand(*rows.shape, side))
    responses, index = patch.flatten(-2).topk(count, sorted=in_order)
    cells = torch.cat((x, y), -1).unsqueeze(-2) + window_offsets(side, steps)[index]
    # A cell beside the window lies in a row beside it, or in its rows and a column beside it.
    beside = (
        peaks.row_maxima.scatter(-1, rows, lowest).amax(-1),
        lines.detach().amax(-2).scatter(-1, columns, lowest).amax(-1),
    )
    certain = torch.maximum(*beside) <= responses.amin(-1)  # False for NaN
    return cells, responses.to(working_dtype(heatmaps)), certain


def _strongest_anywhere(
    heatmaps: Tensor, count: int, peaks: Optional[Peaks], in_order: bool
) -> tuple[Tensor, Tensor]:
    """See `strongest_cells`.

    The strongest cells lie in the `count` rows with the largest row maxima, so that only those
    rows are sorted.
    """
    height, width = heatmaps.shape[-2:]
    if count >= height:
        responses, index = heatmaps.flatten(-2).topk(count, sorted=in_order)
        rows = index.div(width, rounding_mode='floor')
    else:
        maxima = row_maxima(heatmaps.detach()) if peaks is None else peaks.row_maxima
        candidate_rows = maxima.topk(count, sorted=False).indices  # (..., count)
        lines = take_rows(heatmaps, candidate_rows).flatten(-2)
        responses, index = lines.topk(count, sorted=in_order)
        rows = candidate_rows.gather(-1, index.div(width, rounding_mode='floor'))
    return torch.stack((index % width, rows), -1), responses.to(working_dtype(heatmaps))
