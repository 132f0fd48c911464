"""Distances to polylines, and heatmaps of them: the boundaries of a face.

A boundary heatmap is a Gaussian of the distance to a curve through landmarks (Wu et al., "Look at
Boundary", CVPR 2018). Public code draws a curve as dots of one cell and takes a distance transform
of them; here the distance from a cell to each straight segment is calculated, exactly.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Optional

import torch
from torch import Tensor

from .coordinates import Size
from .gaussian import SMALLEST_EXPONENT


class Segments(NamedTuple):
    """The straight segments of P polylines, S in all.

    Attributes:
        ends: (2, S) indices of the points at the first and the second end of each segment.
        curves: (S,) polyline that each segment belongs to, from 0.
        counts: (P,) number of segments of each polyline.
    """

    ends: Tensor
    curves: Tensor
    counts: Tensor


def segments_of(curves: Iterable[Sequence[int]]) -> Segments:
    """Divide polylines into segments.

    Args:
        curves: For each polyline the indices of its points in order, at least two.

    Raises:
        ValueError: If there is no polyline, or one with fewer points.
    """
    curves = [list(curve) for curve in curves]
    if not curves or min(map(len, curves)) < 2:
        raise ValueError(f'curves={curves!r} must be lists of two points or more, at least one')
    ends = [pair for curve in curves for pair in zip(curve, curve[1:])]
    counts = torch.tensor([len(curve) - 1 for curve in curves])
    numbers = torch.arange(len(curves)).repeat_interleave(counts)
    return Segments(torch.tensor(ends).T.contiguous(), numbers, counts)


def squared_distance_to_segments(starts: Tensor, ends: Tensor, size: Size) -> Tensor:
    """Squared distance from the centre of every cell to straight segments.

    In the axes of a segment, along and across, a cell is as far as it lies across, and along beyond
    the nearer end.

    Args:
        starts: (..., S, 2) ends (x, y) of the segments in heatmap px; may lie outside the heatmap.
        ends: (..., S, 2) their other ends; a segment without length is a point.
        size: Heatmap (W, H) in cells.

    Returns:
        (..., S, H, W) squared distances in heatmap px squared; NaN for a segment with an end that
        is not finite.
    """
    span_x, span_y = (ends - starts).unbind(-1)
    length = torch.hypot(span_x, span_y)
    pointlike = length == 0  # any direction will do
    unit = length.masked_fill(pointlike, 1)
    cosine, sine = (span_x / unit).masked_fill(pointlike, 1), span_y / unit
    x, y = (
        torch.arange(cells, dtype=starts.dtype, device=starts.device) - start.unsqueeze(-1)
        for cells, start in zip(size, starts.unbind(-1))
    )  # (..., S, W) and (..., S, H), from the first end
    along = _outer_sum(y * sine.unsqueeze(-1), x * cosine.unsqueeze(-1))
    across = _outer_sum(y * cosine.unsqueeze(-1), x * -sine.unsqueeze(-1))
    beyond = along - torch.minimum(along.clamp(min=0), length[..., None, None])
    return beyond.square_().add_(across.square_())


def _outer_sum(rows: Tensor, columns: Tensor) -> Tensor:
    """(..., H) and (..., W) to their sums (..., H, W)."""
    return rows.unsqueeze(-1) + columns.unsqueeze(-2)


def squared_distance_to_polylines(
    points: Tensor, segments: Segments, size: Size, labelled: Optional[Tensor] = None
) -> Tensor:
    """Squared distance from the centre of every cell to the nearest point of polylines.

    Args:
        points: (..., K, 2) points (x, y) in heatmap px; may lie outside the heatmap.
        segments: The polylines through them.
        size: Heatmap (W, H) in cells.
        labelled: (..., K) booleans, all True if None. A segment with an end that is not labelled,
            or not finite, is left out.

    Returns:
        (..., P, H, W) squared distances in heatmap px squared, infinite for a polyline without any
        segment.
    """
    starts, ends = (points.index_select(-2, index) for index in _on(segments.ends, points))
    distances = squared_distance_to_segments(starts, ends, size)
    missing = ~has_segment(points, segments, labelled)
    distances = distances.masked_fill(missing[..., None, None], torch.inf)
    shape = (*distances.shape[:-3], len(segments.counts), *distances.shape[-2:])
    nearest = distances.new_full(shape, torch.inf)
    curves = _on(segments.curves, points)[:, None, None].expand_as(distances)
    return nearest.scatter_reduce_(-3, curves, distances, 'amin')


def has_segment(points: Tensor, segments: Segments, labelled: Optional[Tensor] = None) -> Tensor:
    """(..., S) booleans: whether both ends of a segment are labelled and finite."""
    known = points.isfinite().all(-1)
    known = known if labelled is None else known & labelled
    first, second = (known.index_select(-1, index) for index in _on(segments.ends, points))
    return first & second


def drawn_share(points: Tensor, segments: Segments, labelled: Optional[Tensor] = None) -> Tensor:
    """(..., P) share of the segments of each polyline that are not left out, from 0 to 1."""
    drawn = has_segment(points, segments, labelled).to(points.dtype)
    sums = drawn.new_zeros((*drawn.shape[:-1], len(segments.counts)))
    sums.index_add_(-1, _on(segments.curves, points), drawn)
    return sums / _on(segments.counts, points)


def encode_polylines(
    points: Tensor,
    segments: Segments,
    heatmap_size: Size,
    sigma: float,
    labelled: Optional[Tensor] = None,
) -> Tensor:
    """Gaussians of the distance to polylines, of height 1 on the line, without a cut at 3 sigma.

    Args:
        points: (..., K, 2) points (x, y) in heatmap px; may lie outside the heatmap.
        segments: The polylines through them.
        heatmap_size: Heatmap (W, H) in cells.
        sigma: Standard deviation across the line in heatmap px.
        labelled: (..., K) booleans, see `squared_distance_to_polylines`.

    Returns:
        (..., P, H, W) heatmaps with values in (0, 1], all 0 for a polyline without any segment.
    """
    squares = squared_distance_to_polylines(points, segments, heatmap_size, labelled)
    heatmaps = (squares / (-2 * sigma**2)).clamp_(min=SMALLEST_EXPONENT).exp_()
    empty = drawn_share(points, segments, labelled) == 0
    return heatmaps.masked_fill(empty[..., None, None], 0)


def _on(indices: Tensor, points: Tensor) -> Tensor:
    """Indices where the points lie."""
    return indices.to(points.device)
