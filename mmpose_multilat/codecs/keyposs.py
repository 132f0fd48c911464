"""KeyPosS: true-range multilateration by linear least squares over a small window.

Bao et al., "KeyPosS: Plug-and-Play Facial Landmark Detection through GPS-Inspired True-Range
Multilateration", ACM Multimedia 2023.
"""

from dataclasses import dataclass

from mmpose.registry import KEYPOINT_CODECS
from torch import Tensor

from mmpose_multilat.landmarks.checks import check_choice, check_whole
from mmpose_multilat.multilateration import (
    EDGES,
    Peaks,
    dilution_of_linear,
    solve_linear,
    squared_range,
    window_offsets,
    window_stations,
)

from .base import Refinement
from .covariance import CovarianceCodec

LARGEST_KERNEL = 6
"""The largest window that the paper tries (table 4)."""


@KEYPOINT_CODECS.register_module()
@dataclass(eq=False)
class KeyPosS(CovarianceCodec):
    """Stations are the cells of the strongest small window; differences of ranges are solved.

    Exact on noise-free heatmaps of any height, since differences cancel a factor on the whole
    heatmap.

    Args:
        input_size: See `CovarianceCodec`, also for its other arguments.
        kernel_size: Side of the window in cells, 2 to 6; the paper's choice is 2.
        search_radius: The window lies within this many cells of the strongest cell.
        edge: 'all' lets the window reach every cell; 'official' keeps it off the last row and
            column as the authors' code does (7 of 16 cells at 4x4), for comparison.

    Raises:
        ValueError: If an argument is out of its range, for instance a window larger than the
            heatmap.
    """

    kernel_size: int = 2
    search_radius: int = 2
    edge: str = 'all'

    def __post_init__(self) -> None:
        super().__post_init__()
        self.edge = check_choice('edge', self.edge, EDGES)
        largest = min(
            LARGEST_KERNEL, *(length - (self.edge == 'official') for length in self.heatmap_size)
        )
        reason = f' for heatmap_size={self.heatmap_size} and edge={self.edge!r}'
        self.kernel_size = check_whole('kernel_size', self.kernel_size, 2, largest, reason)
        self.search_radius = check_whole('search_radius', self.search_radius, 1)

    @property
    def differentiable(self) -> bool:
        """See `HeatmapCodec.differentiable`."""
        return True

    def refine(self, heatmaps: Tensor, peaks: Peaks) -> Refinement:
        """See `HeatmapCodec.refine`."""
        corners, responses = window_stations(
            heatmaps, peaks.cells, self.kernel_size, self.search_radius, self.edge
        )
        stations = window_offsets(self.kernel_size, like=responses)  # (S, 2), from the corner
        return Refinement(
            corners + solve_linear(stations, squared_range(responses, self.sigma)),
            dilution=lambda: dilution_of_linear(stations, responses, self.sigma),
        )
