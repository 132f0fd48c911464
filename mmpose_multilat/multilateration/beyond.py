"""Landmarks beyond the box: where they lie, told by the response of a cell at the border.

Xiong et al., "Gaussian Vector: An Efficient Solution for Facial Landmark Detection", ACCV 2020,
section 3.4, for vectors (`vectors.beyond_end`); here in two dimensions.
"""

import math

import torch
from torch import Tensor
from torch.nn.functional import normalize

from .gaussian import squared_range
from .peaks import Peaks, largest_shift
from .precision import working_dtype

HALF_DIAGONAL = 0.5**0.5
"""Of a cell: a landmark inside the strongest cell lies no further from its centre, in heatmap
px."""

HALF_CELL = 0.5
"""Along the border the strongest cell is the nearest one: what a decoder says beyond half of it, in
heatmap px, is noise or an answer that strayed."""


def locate_beyond_box(
    heatmaps: Tensor, peaks: Peaks, coordinates: Tensor, sigma: float, reach: float = 0.0
) -> Tensor:
    """Follow landmarks beyond the heatmap whose strongest cell stands at its border.

    A label's peak is 1. A border cell that responds less is the flank of a bump that was cut off,
    and its landmark lies at the distance d, d^2 = -2 sigma^2 ln(h). Beyond one side the decoder's
    own coordinate along that side stays, within the strongest cell, and what it leaves of d leads
    outward. Beyond a corner the ranges of the corner cell's two neighbours give the direction. A
    bump inside that only is weak must not be sent out: the range of the inner neighbour, whose
    difference to that of the border cell is the same for any height, has to say as well that the
    landmark lies on the outer side of the border cell's centre.

    Args:
        heatmaps: (..., H, W) heatmaps of peak 1, of at least 2 x 2 cells.
        peaks: Their strongest cells.
        coordinates: (..., 2) what a decoder found (x, y), in heatmap px, finite.
        sigma: Standard deviation of the Gaussians in heatmap px.
        reach: How far outward from the border cell's centre the decoder itself finds landmarks as
            well as by this range, in heatmap px; there its own coordinates stay. At least sqrt(1/2)
            is taken, as a landmark so near can lie inside the cell.

    Returns:
        (..., 2) coordinates (x, y) in heatmap px. Those of landmarks beyond the box lie at most 3
        sigma + 1 from the strongest cell; all others are the decoder's own.
    """
    outward = _outward(peaks.cells, heatmaps)
    slides = (coordinates - peaks.cells).clamp(-HALF_CELL, HALF_CELL).masked_fill(outward != 0, 0)
    squares = squared_range(peaks.responses, sigma)  # negative, so never beyond, above 1
    outer_squares = squares - slides.square().sum(-1)
    depths = _depths(heatmaps, peaks, outward, sigma)
    seen_outside = peaks.trusted & (depths > 0).any(-1)  # False for NaN
    plausible = squares <= largest_shift(sigma) ** 2
    beyond = seen_outside & plausible & (outer_squares > max(HALF_DIAGONAL, reach) ** 2)
    inside = ~beyond.unsqueeze(-1)
    # The filled ones keep the gradient of a square root or a direction that is not used finite.
    distances = outer_squares.unsqueeze(-1).masked_fill(inside, 1).sqrt()
    directions = outward * normalize(depths.masked_fill(inside, 1), dim=-1)
    return torch.where(inside, coordinates, peaks.cells + slides + distances * directions)


def choose_outside(heatmaps: Tensor, cells: Tensor, stations: Tensor, shifts: Tensor) -> Tensor:
    """Of two positions that mirror each other across stations in one line, the one outside.

    If all strongest cells stand in the first or last column or row, none of the next one is among
    them, so that the landmark lies on the outer side; ranges alone cannot tell the sides apart.

    Args:
        heatmaps: (..., H, W) heatmaps.
        cells: (..., 2) strongest cells (x, y).
        stations: (..., S, 2) stations relative to them.
        shifts: (..., 2) position of one of the two relative to the strongest cell, in heatmap px.

    Returns:
        (..., 2) the one outside; where stations tell the sides apart, the same as given.
    """
    outward = _outward(cells, heatmaps)
    # The largest of a few is several times faster to find than whether all are zero.
    mirrored = (stations.abs().amax(-2) == 0) & (outward != 0)
    return torch.where(mirrored, outward * shifts.abs(), shifts)


def most_in_line(distance: float) -> float:
    """How many strongest cells can stand in the border's line with a landmark beyond it.

    A cell of the line, y along it from the landmark, lies nearer than the next line while
    sqrt(distance^2 + y^2) < distance + 1.

    Args:
        distance: Largest distance of a landmark from the line, in heatmap px.
    """
    return 2 * math.sqrt(2 * distance + 1) + 1


def _outward(cells: Tensor, heatmaps: Tensor) -> Tensor:
    """(..., 2) along x and y: -1 in the first column or row, 1 in the last, 0 between them."""
    last_x, last_y = heatmaps.shape[-1] - 1, heatmaps.shape[-2] - 1
    x, y = cells.unbind(-1)
    along_x = (x == last_x).long() - (x == 0).long()
    along_y = (y == last_y).long() - (y == 0).long()
    return torch.stack((along_x, along_y), -1)


def _depths(heatmaps: Tensor, peaks: Peaks, outward: Tensor, sigma: float) -> Tensor:
    """How far on the outer side of the strongest cell's centre landmarks lie, by two ranges.

    The cell and its inner neighbour, a cell's width apart, see the landmark at depth u at squared
    distances that differ by (u + 1)^2 - u^2 = 2 u + 1, whatever lies along the border. For the
    strongest cell u is at least -1/2.

    Args:
        heatmaps: (..., H, W) heatmaps.
        peaks: Their strongest cells.
        outward: (..., 2) see `_outward`.
        sigma: Standard deviation of the Gaussians in heatmap px.

    Returns:
        (..., 2) depths along x and y in heatmap px, 0 along an axis whose border is elsewhere.
    """
    (x, y), (step_x, step_y) = peaks.cells.unbind(-1), outward.unbind(-1)
    width = heatmaps.shape[-1]
    neighbours = torch.stack((y * width + x - step_x, (y - step_y) * width + x), -1)
    responses = heatmaps.flatten(-2).gather(-1, neighbours).to(working_dtype(heatmaps))
    differences = squared_range(responses, sigma) - squared_range(peaks.responses, sigma)[..., None]
    return ((differences - 1) / 2).masked_fill(outward == 0, 0)
