"""GaussianMLE: the maximum-likelihood position of a Gaussian bump in the heatmap.

Not of the papers of multilateration: single-molecule microscopy locates its bumps so, and reaches
the statistical limit (the Cramer-Rao bound) by it.
"""

from dataclasses import dataclass

import torch
from mmpose.registry import KEYPOINT_CODECS
from torch import Tensor

from mmpose_multilat.landmarks.checks import check_flag, check_whole
from mmpose_multilat.multilateration import (
    GaussianFit,
    Peaks,
    WidthFit,
    fit_gaussian,
    fit_gaussian_and_width,
    invert_symmetric,
    start_of_fit,
    surrounding_window,
    window_offsets,
)
from mmpose_multilat.multilateration.gaussian_fit import STEPS

from .base import Refinement
from .covariance import CovarianceCodec

START_SIZE = 3
"""Side, in cells, of the window that the fit starts from."""


@KEYPOINT_CODECS.register_module()
@dataclass(eq=False)
class GaussianMLE(CovarianceCodec):
    """A Gaussian is fitted to the responses themselves, its height left free.

    KeyPosS and POPoS take the logarithm of responses, which makes noise of weak cells large; the
    fit weighs every cell as its noise deserves. It reaches the lowest error that is possible with
    independent noise on the cells.

    Args:
        input_size: See `CovarianceCodec`, also for its other arguments; a heatmap of at least 3 x 3
            cells.
        window_size: Side of the fitted window round the strongest cell, in cells; smaller heatmaps
            are fitted as a whole. Beyond 2 sigma on each side cells say next to nothing.
        steps: Number of Gauss-Newton steps.
        fit_sigma: Fit the width of the bump too, between half and twice `sigma`. It is for networks
            that answer with wider bumps where they hesitate, makes clean bumps less precise, and
            takes about four `steps`.

    Raises:
        ValueError: If an argument is out of its range.
    """

    window_size: int = 9
    steps: int = STEPS
    fit_sigma: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if min(self.heatmap_size) < START_SIZE:
            raise ValueError(
                f'GaussianMLE needs a heatmap_size of at least ({START_SIZE}, {START_SIZE}), got '
                f'{self.heatmap_size}'
            )
        self.window_size = check_whole('window_size', self.window_size, START_SIZE)
        self.steps = check_whole('steps', self.steps, 1)
        self.fit_sigma = check_flag('fit_sigma', self.fit_sigma)

    def refine(self, heatmaps: Tensor, peaks: Peaks) -> Refinement:
        """See `HeatmapCodec.refine`; a fit that goes astray gives the linear start and score 0.

        The dilution is the inverse of the Fisher information.
        """
        corners, window = surrounding_window(heatmaps, peaks.cells, self.window_size)
        start_corners, cells = surrounding_window(heatmaps, peaks.cells, START_SIZE)
        start = start_corners + start_of_fit(
            cells, window_offsets(START_SIZE, like=cells), self.sigma
        )
        fit_bump = fit_gaussian_and_width if self.fit_sigma else fit_gaussian
        fit = fit_bump(window, start - corners, self.sigma, self.steps)
        return Refinement(corners + fit.position, start, lambda: self._dilution(fit))

    def _dilution(self, fit: GaussianFit | WidthFit) -> Tensor:
        if self.fit_sigma:
            return invert_symmetric(fit.precision)
        return torch.diag_embed(1 / fit.precision)
