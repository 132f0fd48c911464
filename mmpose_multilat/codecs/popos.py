"""POPoS: pseudo-range multilateration over the strongest cells by optimal search.

Xiang et al., "POPoS: Improving Efficient and Robust Facial Landmark Detection with Parallel Optimal
Position Search", AAAI 2025.
"""

import math
import warnings

from mmpose.registry import KEYPOINT_CODECS
from torch import Tensor

from mmpose_multilat.landmarks.checks import check_choice, check_positive, check_whole
from mmpose_multilat.multilateration import (
    RangeCost,
    accept_refinement,
    candidate_offsets,
    choose_outside,
    dilution_of_range_cost,
    farthest_range,
    find_peaks,
    largest_shift,
    minimise_exact,
    minimise_gauss_newton,
    most_in_line,
    search_candidates,
    squared_range,
    strongest_cells,
)

from .covariance import CovarianceCodec

SOLVERS = ('grid', 'exact', 'gauss_newton')

MOST_STEPS = 100
"""Candidates on each side of the strongest cell: 40401 in all, the memory of ten 64x64 heatmaps."""


@KEYPOINT_CODECS.register_module()
class POPoS(CovarianceCodec):
    """Stations are the strongest cells; the errors of their squared ranges are minimised.

    The cost is equation (3): the sum of (|a_i - c|^2 - d_i^2)^2 over the stations.

    Args:
        input_size: See `HeatmapCodec`, also for the next four.
        heatmap_size: Size (W, H) in cells.
        sigma: In heatmap px.
        unbiased: Whether the exact position is encoded.
        alignment: 'msra' or 'udp'.
        num_anchors: Number of stations, 3 to W * H. The paper takes 10, and 25 at 32x32. With so
            many that they stand beyond `farthest_range` from a landmark in a corner, a warning says
            how many are sound.
        sampling_range: Candidates reach this far from the strongest cell along each axis, in
            heatmap px.
        sampling_rate: Candidates per heatmap px.
        solver: 'grid' tries all candidates (the paper's PPPSC) and errs by up to half their
            distance; 'exact' gives the global minimum, as fast, without candidates;
            'gauss_newton' descends from the strongest cell (the paper's IGNO).
        covariance_scale: See `CovarianceCodec`.
        beyond_box: See `HeatmapCodec`.

    Raises:
        ValueError: If an argument is out of its range.
    """

    def __init__(
        self,
        input_size: tuple[int, int],
        heatmap_size: tuple[int, int],
        sigma: float = 2.0,
        unbiased: bool = True,
        alignment: str = 'msra',
        num_anchors: int = 10,
        sampling_range: float = 1.0,
        sampling_rate: float = 10.0,
        solver: str = 'exact',
        covariance_scale: float = 1.0,
        beyond_box: bool = False,
    ) -> None:
        super().__init__(
            input_size, heatmap_size, sigma, unbiased, alignment, covariance_scale, beyond_box
        )
        self.solver = check_choice('solver', solver, SOLVERS)
        reason = f': three stations fix a position, heatmap_size={self.heatmap_size} has no more'
        largest = self.heatmap_size[0] * self.heatmap_size[1]
        self.num_anchors = check_whole('num_anchors', num_anchors, 3, largest, reason)
        self._warn_of_far_stations()
        self.sampling_range = check_positive('sampling_range', sampling_range)
        self.sampling_rate = check_positive('sampling_rate', sampling_rate)
        steps = self.sampling_range * self.sampling_rate
        steps = round(steps) if math.isfinite(steps) else steps
        if not 1 <= steps <= MOST_STEPS:
            raise ValueError(
                f'sampling_range={sampling_range!r} at sampling_rate={sampling_rate!r} gives '
                f'{steps:g} candidates on each side of the strongest cell; 1 to {MOST_STEPS} are '
                'possible'
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
                stacklevel=3,
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

    def locate(self, heatmaps: Tensor) -> tuple[Tensor, Tensor]:
        """See `HeatmapCodec.locate`."""
        return self._solve(heatmaps)[:2]

    def locate_with_dilution(self, heatmaps: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """See `CovarianceCodec.locate_with_dilution`; for 'grid' that of the minimum itself."""
        coordinates, scores, stations, responses, shift = self._solve(heatmaps)
        dilution = dilution_of_range_cost(stations, responses, shift, self.sigma)
        return coordinates, scores, dilution

    def _solve(self, heatmaps: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Coordinates and scores as in `locate`, stations, responses, and the position found.

        Stations (..., S, 2) and position (..., 2) are relative to the strongest cell.
        """
        peaks = find_peaks(heatmaps)
        cells, responses = strongest_cells(heatmaps, self.num_anchors, peaks, in_order=False)
        stations = (cells - peaks.cells.unsqueeze(-2)).to(responses.dtype)
        shift = self._minimise(
            RangeCost.from_stations(stations, squared_range(responses, self.sigma))
        )
        if self.num_anchors <= most_in_line(largest_shift(self.sigma)):
            shift = choose_outside(heatmaps, peaks.cells, stations, shift)
        coordinates, scores = accept_refinement(
            peaks, peaks.cells + shift, largest_shift(self.sigma)
        )
        coordinates = self._follow_beyond_box(heatmaps, peaks, coordinates)
        return coordinates, scores, stations, responses, shift

    def _minimise(self, cost: RangeCost) -> Tensor:
        """(..., 2) position of least cost relative to the peak, by the chosen solver."""
        if self.solver == 'exact':
            return minimise_exact(cost)
        if self.solver == 'gauss_newton':
            peak = cost.products.new_zeros((*cost.products.shape[:-2], 2))
            return minimise_gauss_newton(cost, peak)
        mesh = candidate_offsets(self.sampling_range, self.sampling_rate, like=cost.products)
        return search_candidates(cost, mesh)
