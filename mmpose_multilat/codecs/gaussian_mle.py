"""GaussianMLE: the maximum-likelihood position of a Gaussian bump in the heatmap.

Not of the papers of multilateration: single-molecule microscopy locates its bumps so, and reaches
the statistical limit (the Cramer-Rao bound) by it.
"""

from typing import Union

import torch
from mmpose.registry import KEYPOINT_CODECS
from torch import Tensor

from mmpose_multilat.landmarks.checks import check_flag, check_whole
from mmpose_multilat.multilateration import (
    GaussianFit,
    WidthFit,
    accept_refinement,
    find_peaks,
    fit_gaussian,
    fit_gaussian_and_width,
    invert_symmetric,
    largest_shift,
    start_of_fit,
    surrounding_window,
    window_offsets,
)
from mmpose_multilat.multilateration.gaussian_fit import STEPS

from .covariance import CovarianceCodec

START_SIZE = 3
"""Side, in cells, of the window that the fit starts from."""


@KEYPOINT_CODECS.register_module()
class GaussianMLE(CovarianceCodec):
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
        fit_sigma: Fit the width of the bump too, between half and twice `sigma`. It is for networks
            that answer with wider bumps where they hesitate, makes clean bumps less precise, and
            takes about four `steps`.
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
        window_size: int = 9,
        steps: int = STEPS,
        fit_sigma: bool = False,
        covariance_scale: float = 1.0,
        beyond_box: bool = False,
    ) -> None:
        super().__init__(
            input_size, heatmap_size, sigma, unbiased, alignment, covariance_scale, beyond_box
        )
        if min(self.heatmap_size) < START_SIZE:
            raise ValueError(
                f'GaussianMLE needs a heatmap_size of at least ({START_SIZE}, {START_SIZE}), got '
                f'{self.heatmap_size}'
            )
        self.window_size = check_whole('window_size', window_size, START_SIZE)
        self.steps = check_whole('steps', steps, 1)
        self.fit_sigma = check_flag('fit_sigma', fit_sigma)

    def locate(self, heatmaps: Tensor) -> tuple[Tensor, Tensor]:
        """See `HeatmapCodec.locate`; a fit that goes astray gives the linear start and score 0."""
        return self._fit(heatmaps)[:2]

    def locate_with_dilution(self, heatmaps: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """See `CovarianceCodec.locate_with_dilution`: the inverse of the Fisher information."""
        coordinates, scores, fit = self._fit(heatmaps)
        if self.fit_sigma:
            return coordinates, scores, invert_symmetric(fit.precision)
        return coordinates, scores, torch.diag_embed(1 / fit.precision)

    def _fit(self, heatmaps: Tensor) -> tuple[Tensor, Tensor, Union[GaussianFit, WidthFit]]:
        """Coordinates and scores as in `locate`, and the fit, relative to its window."""
        peaks = find_peaks(heatmaps)
        corners, window = surrounding_window(heatmaps, peaks.cells, self.window_size)
        start_corners, cells = surrounding_window(heatmaps, peaks.cells, START_SIZE)
        start = start_corners + start_of_fit(
            cells, window_offsets(START_SIZE, like=cells), self.sigma
        )
        fit_bump = fit_gaussian_and_width if self.fit_sigma else fit_gaussian
        fit = fit_bump(window, start - corners, self.sigma, self.steps)
        limit = largest_shift(self.sigma)
        coordinates, scores = accept_refinement(peaks, corners + fit.position, limit)
        start, _ = accept_refinement(peaks, start, limit)
        coordinates = torch.where(scores.unsqueeze(-1) > 0, coordinates, start)
        return self._follow_beyond_box(heatmaps, peaks, coordinates), scores, fit
