"""The strongest cell of every heatmap, and whether it can be trusted.

Every decoder starts from the peak and returns to it when its own answer cannot be used, so that a
heatmap with NaN, without a bump or with an absurd solution gives the centre of its best finite cell
and the score 0, and never disturbs its neighbours in the batch.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from .gaussian import LABEL_REACH
from .precision import is_traced, working_dtype

FLATNESS = 1e-5
"""A heatmap whose mean is within this fraction of its maximum is constant; rounding of a sum stays
well below."""


class Peaks(NamedTuple):
    """The strongest cells of (..., H, W) heatmaps.

    Attributes:
        cells: (..., 2) whole-number coordinates (x, y) of the strongest finite cell.
        responses: (...) values there, float32 (float64 for float64 heatmaps).
        trusted: (...) booleans; False for a heatmap with NaN or infinite cells, one that is nowhere
            positive, and a constant one.
        row_maxima: (..., H) largest value of every row in the dtype of the heatmaps; rows with NaN
            or infinity count as the lowest number.
    """

    cells: Tensor
    responses: Tensor
    trusted: Tensor
    row_maxima: Tensor


def find_peaks(heatmaps: Tensor) -> Peaks:
    """Find the strongest cell of every heatmap in two reading passes.

    Row maxima and then the maximum of one row are several times cheaper than `max` with an index
    over all cells. NaN and infinity hide the finite cells of their row from the row maxima, so
    that a second row is read beside the strongest: that of the largest raw maximum, which is the
    first row with NaN (else infinity), or the strongest again. Where looking at the data is free
    this is left out for sound heatmaps; elsewhere nothing but values depends on the data.

    Args:
        heatmaps: (..., H, W) heatmaps of any floating dtype.

    Returns:
        The peaks; among equal cells the first row, then the first column. Where several rows hold
        NaN or infinity, the finite cells of all but the first of these are passed over.
    """
    dtype = working_dtype(heatmaps)
    totals = heatmaps.detach().sum((-2, -1), dtype=dtype)  # (...), not finite where a cell is not
    finite = totals.isfinite()
    if is_traced():
        # A graph may run where the maximum of NaN is undefined, as ONNX leaves it.
        finite = finite & heatmaps.isfinite().flatten(-2).all(-1)
        heatmaps = torch.where(heatmaps.isfinite(), heatmaps, torch.finfo(heatmaps.dtype).min)
    raw_maxima = row_maxima(heatmaps.detach())
    if is_traced() or (can_branch_on_data(heatmaps) and finite.all()):
        maxima = raw_maxima
        responses, cells = _peak_of_sound(heatmaps, maxima)
    else:
        maxima = _replace_not_finite(raw_maxima)
        responses, cells = _peak_of_any(heatmaps, raw_maxima, maxima)
    responses = responses.to(dtype)
    flat = totals >= responses * (heatmaps.shape[-2] * heatmaps.shape[-1] * (1 - FLATNESS))
    return Peaks(cells, responses, finite & (responses > 0) & ~flat, maxima)


def can_branch_on_data(tensor: Tensor) -> bool:
    """Whether Python may look at values: not in a graph, and on a GPU it would have to wait."""
    return tensor.device.type == 'cpu' and not is_traced()


def _peak_of_sound(heatmaps: Tensor, maxima: Tensor) -> tuple[Tensor, Tensor]:
    """Value (...) and cell (..., 2) of the largest value of finite heatmaps."""
    rows = maxima.max(-1, keepdim=True).indices  # (..., 1)
    responses, columns = take_rows(heatmaps, rows).max(-1)  # (..., 1)
    return responses.squeeze(-1), torch.cat((columns, rows), -1)


def _peak_of_any(heatmaps: Tensor, raw_maxima: Tensor, maxima: Tensor) -> tuple[Tensor, Tensor]:
    """Value (...) and cell (..., 2) of the largest finite value in two rows of each heatmap."""
    rows = torch.stack((maxima.max(-1).indices, raw_maxima.max(-1).indices), -1)  # (..., 2)
    responses, columns = _replace_not_finite(take_rows(heatmaps, rows)).max(-1)  # (..., 2)
    responses, best = responses.max(-1, keepdim=True)  # (..., 1), the first row among equals
    cells = torch.cat((columns.gather(-1, best), rows.gather(-1, best)), -1)
    return responses.squeeze(-1), cells


def _replace_not_finite(values: Tensor) -> Tensor:
    """NaN and infinities become the lowest number of the dtype."""
    lowest = torch.finfo(values.dtype).min
    return values.nan_to_num(nan=lowest, posinf=lowest, neginf=lowest)


def row_maxima(heatmaps: Tensor) -> Tensor:
    """Largest value of every row, (..., H, W) to (..., H); NaN and infinity pass through.

    Networks in channels-last memory put out heatmaps whose neighbours in memory are landmarks. With
    these as the last dimension the reduction runs along memory, which is many times faster.
    """
    if heatmaps.ndim < 3 or heatmaps.stride(-3) >= heatmaps.stride(-1):
        return heatmaps.amax(-1)
    return heatmaps.movedim(-3, -1).amax(-2).movedim(-1, -2)


def take_rows(heatmaps: Tensor, rows: Tensor) -> Tensor:
    """Rows of each heatmap: (..., H, W) and row numbers (..., R) to (..., R, W)."""
    height, width = heatmaps.shape[-2:]
    if not heatmaps.is_contiguous():
        return heatmaps.gather(-2, rows.unsqueeze(-1).expand(*rows.shape, width))
    # Whole rows are copied, ten times faster than cell by cell.
    count = math.prod(heatmaps.shape[:-2])
    first = torch.arange(count, device=rows.device).view(*heatmaps.shape[:-2], 1) * height
    lines = heatmaps.reshape(count * height, width).index_select(0, (first + rows).flatten())
    return lines.view(*rows.shape, width)


def largest_shift(sigma: float) -> float:
    """How far, in heatmap px, a landmark with a label can lie from the strongest cell."""
    return LABEL_REACH * sigma + 1


def accept_refinement(peaks: Peaks, coordinates: Tensor, limit: float) -> tuple[Tensor, Tensor]:
    """Take a decoder's coordinates where they are usable, the strongest cell elsewhere.

    Args:
        peaks: The peaks of the heatmaps.
        coordinates: (..., 2) refined coordinates (x, y) in heatmap px; may hold NaN.
        limit: Coordinates further than this from the strongest cell, in heatmap px, contradict the
            Gaussian and are refused.

    Returns:
        coordinates: (..., 2) in heatmap px, finite everywhere.
        scores: (...) response of the strongest cell; 0 where the answer is only that cell's centre
            because no better could be had.
    """
    cells = peaks.cells.to(coordinates.dtype)
    near = (coordinates - cells).square().sum(-1) <= limit**2  # False for NaN
    accepted = peaks.trusted & near
    scores = torch.where(accepted, peaks.responses, torch.zeros_like(peaks.responses))
    return torch.where(accepted.unsqueeze(-1), coordinates, cells), scores
