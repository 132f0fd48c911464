"""KeyPosS: true-range multilateration by linear least squares over a small window.

Bao et al., "KeyPosS: Plug-and-Play Facial Landmark Detection through GPS-Inspired True-Range
Multilateration", ACM Multimedia 2023.
"""

from mmpose.registry import KEYPOINT_CODECS
from torch import Tensor

from mmpose_multilat.landmarks.checks import check_choice, check_whole
from mmpose_multilat.multilateration import (
    EDGES,
    accept_refinement,
    dilution_of_linear,
    find_peaks,
    largest_shift,
    solve_linear,
    squared_range,
    window_offsets,
    window_stations,
)

from .covariance import CovarianceCodec

LARGEST_KERNEL = 6
"""The largest window that the paper tries (table 4)."""


@KEYPOINT_CODECS.register_module()
class KeyPosS(CovarianceCodec):
    """Stations are the cells of the strongest small window; differences of ranges are solved.

    Exact on noise-free heatmaps of any height, since differences cancel a factor on the whole
    heatmap.

    Args:
        input_size: See `HeatmapCodec`, also for the next four.
        heatmap_size: Size (W, H) in cells.
        sigma: In heatmap px.
        unbiased: Whether the exact position is encoded.
        alignment: 'msra' or 'udp'.
        kernel_size: Side of the window in cells, 2 to 6; the paper's choice is 2.
        search_radius: The window lies within this many cells of the strongest cell.
        edge: 'all' lets the window reach every cell; 'official' keeps it off the last row and
            column as the authors' code does (7 of 16 cells at 4x4), for comparison.
        covariance_scale: See `CovarianceCodec`.
        beyond_box: See `HeatmapCodec`.

    Raises:
        ValueError: If an argument is out of its range, for instance a window larger than the
            heatmap.
    """

    def __init__(
        self,
        input_size: tuple[int, int],
        heatmap_size: tuple[int, int],
        sigma: float = 2.0,
        unbiased: bool = True,
        alignment: str = 'msra',
        kernel_size: int = 2,
        search_radius: int = 2,
        edge: str = 'all',
        covariance_scale: float = 1.0,
        beyond_box: bool = False,
    ) -> None:
        super().__init__(
            input_size, heatmap_size, sigma, unbiased, alignment, covariance_scale, beyond_box
        )
        self.edge = check_choice('edge', edge, EDGES)
        largest = min(
            LARGEST_KERNEL, *(length - (edge == 'official') for length in self.heatmap_size)
        )
        reason = f' for heatmap_size={self.heatmap_size} and edge={edge!r}'
        self.kernel_size = check_whole('kernel_size', kernel_size, 2, largest, reason)
        self.search_radius = check_whole('search_radius', search_radius, 1)

    @property
    def differentiable(self) -> bool:
        """See `HeatmapCodec.differentiable`."""
        return True

    def locate(self, heatmaps: Tensor) -> tuple[Tensor, Tensor]:
        """See `HeatmapCodec.locate`."""
        return self._solve(heatmaps)[:2]

    def locate_with_dilution(self, heatmaps: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """See `CovarianceCodec.locate_with_dilution`."""
        coordinates, scores, stations, responses = self._solve(heatmaps)
        return coordinates, scores, dilution_of_linear(stations, responses, self.sigma)

    def _solve(self, heatmaps: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Coordinates and scores as in `locate`, stations (S, 2) and their responses (..., S)."""
        peaks = find_peaks(heatmaps)
        corners, responses = window_stations(
            heatmaps, peaks.cells, self.kernel_size, self.search_radius, self.edge
        )
        stations = window_offsets(self.kernel_size, like=responses)  # (S, 2), from the corner
        coordinates = corners + solve_linear(stations, squared_range(responses, self.sigma))
        coordinates, scores = accept_refinement(peaks, coordinates, largest_shift(self.sigma))
        coordinates = self._follow_beyond_box(heatmaps, peaks, coordinates)
        return coordinates, scores, stations, responses
