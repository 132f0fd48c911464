"""POPoS: pseudo-range multilateration over the strongest cells by optimal search.

Xiang et al., "POPoS: Improving Efficient and Robust Facial Landmark Detection with Parallel Optimal
Position Search", AAAI 2025.
"""

import math
import warnings
from dataclasses import dataclass

from mmpose.registry import KEYPOINT_CODECS
from torch import Tensor

from mmpose_multilat.landmarks.checks import check_choice, check_positive, check_whole
from mmpose_multilat.multilateration import (
    Peaks,
    RangeCost,
    candidate_offsets,
    choose_outside,
    dilution_of_range_cost,
    farthest_range,
    largest_shift,
    minimise_exact,
    minimise_gauss_newton,
    most_in_line,
    search_candidates,
    squared_range,
    strongest_cells,
)

from .base import Refinement
from .covariance import CovarianceCodec

SOLVERS = ('grid', 'exact', 'gauss_newton')

MOST_STEPS = 100
"""Candidates on each side of the strongest cell: 40401 in all, the memory of ten 64x64 heatmaps."""


@KEYPOINT_CODECS.register_module()
@dataclass(eq=False)
class POPoS(CovarianceCodec):
    """Stations are the strongest cells; the errors of their squared ranges are minimised.

    The cost is equation (3): the sum of (|a_i - c|^2 - d_i^2)^2 over the stations.

    Args:
        input_size: See `CovarianceCodec`, also for its other arguments.
        num_anchors: Number of stations, 3 to W * H. The paper takes 10, and 25 at 32x32. With so
            many that they stand beyond `farthest_range` from a landmark in a corner, a warning says
            how many are sound.
        sampling_range: Candidates reach this far from the strongest cell along each axis, in
            heatmap px.
        sampling_rate: Candidates per heatmap px.
        solver: 'grid' tries all candidates (the paper's PPPSC) and errs by up to half their
            distance; 'exact' gives the global minimum, as fast, without candidates;
            'gauss_newton' descends from the strongest cell (the paper's IGNO).

    Raises:
        ValueError: If an argument is out of its range.
    """

    num_anchors: int = 10
    sampling_range: float = 1.0
    sampling_rate: float = 10.0
    solver: str = 'exact'

    def __post_init__(self) -> None:
        super().__post_init__()
        self.solver = check_choice('solver', self.solver, SOLVERS)
        reason = f': three stations fix a position, heatmap_size={self.heatmap_size} has no more'
        largest = self.heatmap_size[0] * self.heatmap_size[1]
        self.num_anchors = check_whole('num_anchors', self.num_anchors, 3, largest, reason)
        self._warn_of_far_stations()
        self.sampling_range = check_positive('sampling_range', self.sampling_range)
        self.sampling_rate = check_positive('sampling_rate', self.sampling_rate)
        steps = self.sampling_range * self.sampling_rate
        steps = round(steps) if math.isfinite(steps) else steps
        if not 1 <= steps <= MOST_STEPS:
            raise ValueError(
                f'sampling_range={self.sampling_range!r} at sampling_rate={self.sampling_rate!r} '
                f'gives {steps:g} candidates on each side of the strongest cell; 1 to {MOST_STEPS} '
                'are possible'
            )

    def _warn_of_far_stations(self) -> None:
        reach = farthest_range(self.sigma)
        farthest = min(math.sqrt(4 * self.num_anchors / math.pi), math.hypot(*self.heatmap_size))
        if farthest > reach:
            warnings.warn(
                f'num_anchors={self.num_anchors} takes stations up to {farthest:.1f} heatmap px '
                f'from a landmark in a corner; with sigma={self.sigma:g} responses tell distances '
                f'up to {reach:.1f} px, and further stations spoil the solution. Take at most '
                f'{math.floor(math.pi * reach**2 / 4)}',
                stacklevel=4,
            )

    @property
    def differentiable(self) -> bool:
        """See `HeatmapCodec.differentiable`; the best candidate is piecewise constant."""
        return self.solver != 'grid'

    @property
    def reach(self) -> float:
        """See `HeatmapCodec.reach`; candidates go no further than `sampling_range`."""
        return min(self.sampling_range, self.sigma) if self.solver == 'grid' else self.sigma

    @property
    def rounding_variance(self) -> float:
        """See `CovarianceCodec.rounding_variance`: the best candidate is up to half a step away."""
        return 1 / (12 * self.sampling_rate**2) if self.solver == 'grid' else 0.0

    def refine(self, heatmaps: Tensor, peaks: Peaks) -> Refinement:
        """See `HeatmapCodec.refine`; for 'grid' the dilution is that of the minimum itself."""
        cells, responses = strongest_cells(heatmaps, self.num_anchors, peaks, in_order=False)
        # Stations and the position are relative to the strongest cell.
        stations = (cells - peaks.cells.unsqueeze(-2)).to(responses.dtype)
        shift = self._minimise(
            RangeCost.from_stations(stations, squared_range(responses, self.sigma))
        )
        if self.num_anchors <= most_in_line(largest_shift(self.sigma)):
            shift = choose_outside(heatmaps, peaks.cells, stations, shift)
        return Refinement(
            peaks.cells + shift,
            dilution=lambda: dilution_of_range_cost(stations, responses, shift, self.sigma),
        )

    def _minimise(self, cost: RangeCost) -> Tensor:
        """(..., 2) position of least cost relative to the peak, by the chosen solver."""
        if self.solver == 'exact':
            return minimise_exact(cost)
        if self.solver == 'gauss_newton':
            peak = cost.products.new_zeros((*cost.products.shape[:-2], 2))
            return minimise_gauss_newton(cost, peak)
        mesh = candidate_offsets(self.sampling_range, self.sampling_rate, like=cost.products)
        return search_candidates(cost, mesh)
