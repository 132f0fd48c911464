"""The strongest cell of every heatmap, and whether it can be trusted.

Every decoder starts from the peak and returns to it when its own answer cannot be used, so that a
heatmap with NaN, without a bump or with an absurd solution gives the centre of its best finite cell
and the score 0, and never disturbs its neighbours in the batch.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from .gaussian import LABEL_REACH

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
    """

    cells: Tensor
    responses: Tensor
    trusted: Tensor


def working_dtype(heatmaps: Tensor) -> torch.dtype:
    """The dtype to calculate in: float64 for float64 heatmaps, float32 for all others."""
    return torch.float64 if heatmaps.dtype == torch.float64 else torch.float32


def find_peaks(heatmaps: Tensor) -> Peaks:
    """Find the strongest cell of every heatmap in two reading passes.

    Row maxima and then the arg-max of one row are several times cheaper than `max` with an index
    over all cells.

    Args:
        heatmaps: (..., H, W) heatmaps of any floating dtype.

    Returns:
        The peaks; among equal cells the first row, then the first column.
    """
    dtype = working_dtype(heatmaps)
    totals = heatmaps.sum((-2, -1), dtype=dtype)  # (...), NaN or infinite where any cell is
    finite = totals.isfinite()
    if not finite.all():
        heatmaps = torch.where(heatmaps.isfinite(), heatmaps, torch.finfo(heatmaps.dtype).min)
    responses, rows = heatmaps.amax(-1).max(-1)  # (...)
    columns = _take_row(heatmaps, rows).argmax(-1)  # (...)
    responses = responses.to(dtype)
    flat = totals >= responses * (heatmaps.shape[-2] * heatmaps.shape[-1] * (1 - FLATNESS))
    return Peaks(torch.stack((columns, rows), -1), responses, finite & (responses > 0) & ~flat)


def _take_row(heatmaps: Tensor, rows: Tensor) -> Tensor:
    """Row `rows[...]` of each heatmap: (..., H, W) and (...) to (..., W)."""
    index = rows[..., None, None].expand(*rows.shape, 1, heatmaps.shape[-1])
    return heatmaps.gather(-2, index).squeeze(-2)


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
