"""Vector to landmark: the maximum along one axis, refined, and followed beyond the ends.

Xiong et al., "Gaussian Vector: An Efficient Solution for Facial Landmark Detection", ACCV 2020,
sections 3.1 and 3.4.
"""

from typing import Optional

import torch
from torch import Tensor

from .gaussian import squared_range
from .peaks import accept_refinement, find_peaks, largest_shift
from .windows import gather_patch

REFINEMENTS = ('quarter', 'exact', 'none')

QUARTER = 0.25
"""Length of the step in heatmap px, from the stacked hourglass network."""

HALF_CELL = 0.5
"""A Gaussian's strongest cell lies no further than this from its centre, in heatmap px."""

STATIONS = 3
"""Cells whose ranges fix the position with `refine='exact'`."""


def locate_in_vectors(
    vectors: Tensor, sigma: float, refine: str = 'quarter', tau: Optional[float] = None
) -> tuple[Tensor, Tensor]:
    """Find the landmark along one axis in every vector.

    Args:
        vectors: (..., L) vectors of any floating dtype and any content.
        sigma: Standard deviation of the labels in heatmap px.
        refine: 'none' for the strongest cell, 'quarter' for `quarter_shift`, 'exact' for
            `range_position`, which needs L of at least 3.
        tau: Height of the bump that `beyond_end` assumes; None keeps landmarks within the vector,
            from 0 to L - 1.

    Returns:
        positions: (...) in heatmap px, finite everywhere; at most 3 sigma + 1 from the strongest
            cell.
        responses: (...) response of the strongest cell; 0 where the position is not to be trusted,
            for the reasons that `find_peaks` and `accept_refinement` name.
    """
    peaks = find_peaks(vectors.unsqueeze(-2))  # a vector is a heatmap of one row
    cells, last = peaks.cells[..., 0], vectors.shape[-1] - 1
    positions = cells.to(peaks.responses.dtype)
    if refine == 'quarter':
        positions = positions + quarter_shift(vectors, cells)
    elif refine == 'exact':
        positions = range_position(vectors, cells, sigma)
    if tau is None:
        positions = positions.clamp(0, last)
    else:
        # Ranges can also tell that the landmark is still in the last cell; a cell alone cannot.
        # Only from a maximum at an end can a refinement lead there.
        edge = HALF_CELL if refine == 'exact' else 0.0
        distance = beyond_end(peaks.responses, sigma, tau)
        before, behind = positions <= -edge, positions >= last + edge
        positions = torch.where(before, -distance, positions)
        positions = torch.where(behind, last + distance, positions)
    located = torch.stack((positions, torch.zeros_like(positions)), -1)
    coordinates, responses = accept_refinement(peaks, located, largest_shift(sigma))
    return coordinates[..., 0], responses


def quarter_shift(vectors: Tensor, cells: Tensor) -> Tensor:
    """A quarter of a cell toward the larger neighbour of the strongest cell.

    Args:
        vectors: (..., L) vectors.
        cells: (...) strongest cells, whole numbers.

    Returns:
        (...) shifts in heatmap px: -0.25 or 0.25; 0 between equal neighbours and at the ends, where
        there is one neighbour only.
    """
    left, _, right = _take(vectors, cells - 1).unbind(-1)
    inner = (cells > 0) & (cells < vectors.shape[-1] - 1)
    return (QUARTER * (right - left).sign()).masked_fill(~inner, 0)


def range_position(vectors: Tensor, cells: Tensor, sigma: float) -> Tensor:
    """Multilateration in one dimension: three cells, differences of their squared ranges.

    With stations at -1, 0 and 1 the least squares solution of (a_i - c)^2 = d_i^2 + e, for the
    landmark c and a common offset e, is c = (d_-1^2 - d_1^2) / 4. The offset takes up the height of
    the bump, and the range of the middle cell has no part in the solution: round a maximum inside
    the vector it is the strongest cell, so that an excess there does no harm.

    Args:
        vectors: (..., L) vectors of at least three cells.
        cells: (...) strongest cells, whole numbers.
        sigma: Standard deviation of the bump in heatmap px.

    Returns:
        (...) positions in heatmap px, at most half a cell from the strongest cell, where a
        Gaussian's centre must lie. From the three cells at an end they may lie any distance beyond
        it.
    """
    last = vectors.shape[-1] - 1
    first = (cells - STATIONS // 2).clamp(0, last + 1 - STATIONS)
    ranges = squared_range(_take(vectors, first), sigma)
    positions = first + STATIONS // 2 + (ranges[..., 0] - ranges[..., 2]) / 4
    lower = (cells - HALF_CELL).masked_fill(cells == 0, -torch.inf)
    upper = (cells + HALF_CELL).masked_fill(cells == last, torch.inf)
    return torch.minimum(torch.maximum(positions, lower), upper)


def beyond_end(responses: Tensor, sigma: float, tau: float) -> Tensor:
    """How far beyond the end a landmark lies whose strongest cell is the last: equation (7).

    The bump is cut off, and only its flank of response tau exp(-d^2 / 2 sigma^2) is seen.

    Args:
        responses: (...) responses of the last cell; larger ones than tau count as tau.
        sigma: Standard deviation of the bump in heatmap px.
        tau: Its height.

    Returns:
        (...) distances d in heatmap px, not negative.
    """
    return squared_range((responses / tau).clamp(max=1), sigma).sqrt()


def _take(vectors: Tensor, first: Tensor) -> Tensor:
    """(..., 3) responses from the first cell on; outside the vector its last one is repeated."""
    patch = gather_patch(vectors.unsqueeze(-2), first, torch.zeros_like(first), STATIONS, 1)
    return patch.squeeze(-2)
