"""GaussianMLE: the maximum-likelihood position of a Gaussian bump in the heatmap.

Not of the papers of multilateration: single-molecule microscopy locates its bumps so, and reaches
the statistical limit (the Cramer-Rao bound) by it.
"""

import torch
from mmpose.registry import KEYPOINT_CODECS
from torch import Tensor

from mmpose_multilat.multilateration import (
    accept_refinement,
    find_peaks,
    fit_gaussian,
    gather_patch,
    largest_shift,
    start_of_fit,
    window_offsets,
)

from .base import HeatmapCodec
from .checks import check_whole

START_SIZE = 3
"""Side, in cells, of the window that the fit starts from."""


@KEYPOINT_CODECS.register_module()
class GaussianMLE(HeatmapCodec):
    """A Gaussian is fitted to the responses themselves, its height left free.

    KeyPosS and POPoS take the logarithm of responses, which makes noise of weak cells large; the
    fit weighs every cell as its noise deserves. It reaches the lowest error that is possible with
    independent noise on the cells.

    Args:
        input_size: See `HeatmapCodec`, also for the next four.
        heatmap_size: Size (W, H) in cells, at least 3 x 3.
        sigma: In heatmap px.
        unbiased: Whether the exact position is encoded.
        alignment: 'msra' or 'udp'.
        window_size: Side of the fitted window round the strongest cell, in cells; smaller heatmaps
            are fitted as a whole. Beyond 2 sigma on each side cells say next to nothing.
        steps: Number of Gauss-Newton steps.

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
        window_size: int = 9,
        steps: int = 3,
    ) -> None:
        super().__init__(input_size, heatmap_size, sigma, unbiased, alignment)
        if min(self.heatmap_size) < START_SIZE:
            raise ValueError(
                f'GaussianMLE needs a heatmap_size of at least ({START_SIZE}, {START_SIZE}), got '
                f'{self.heatmap_size}'
            )
        self.window_size = check_whole('window_size', window_size, START_SIZE)
        self.steps = check_whole('steps', steps, 1)

    def locate(self, heatmaps: Tensor) -> tuple[Tensor, Tensor]:
        """See `HeatmapCodec.locate`; a fit that goes astray gives the linear start and score 0."""
        peaks = find_peaks(heatmaps)
        corners, window = self._window(heatmaps, peaks.cells, self.window_size)
        start_corners, cells = self._window(heatmaps, peaks.cells, START_SIZE)
        start = start_corners + start_of_fit(
            cells, window_offsets(START_SIZE, like=cells), self.sigma
        )
        fit = fit_gaussian(window, start - corners, self.sigma, self.steps)
        limit = largest_shift(self.sigma)
        coordinates, scores = accept_refinement(peaks, corners + fit.position, limit)
        start, _ = accept_refinement(peaks, start, limit)
        return torch.where(scores.unsqueeze(-1) > 0, coordinates, start), scores

    def _window(self, heatmaps: Tensor, cells: Tensor, size: int) -> tuple[Tensor, Tensor]:
        """A window round the strongest cell, moved where it would leave the heatmap.

        Returns:
            (..., 2) upper left cells (x, y) and (..., h, w) responses.
        """
        width, height = (min(size, length) for length in self.heatmap_size)
        x = (cells[..., 0] - width // 2).clamp(0, self.heatmap_size[0] - width)
        y = (cells[..., 1] - height // 2).clamp(0, self.heatmap_size[1] - height)
        return torch.stack((x, y), -1), gather_patch(heatmaps, x, y, width, height)
