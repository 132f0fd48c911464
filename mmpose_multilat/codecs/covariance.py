"""What codecs share that know how uncertain their landmarks are."""

from dataclasses import dataclass

import torch
from torch import Tensor

from mmpose_multilat.landmarks import Located
from mmpose_multilat.landmarks.checks import check_positive
from mmpose_multilat.multilateration import noise_variance, surrounding_window

from .base import HeatmapCodec, Refinement

NOISE_WINDOW = 9
"""Side in cells of the window that the noise is estimated from: the Gaussian and a little beside
it."""


@dataclass(eq=False)
class CovarianceCodec(HeatmapCodec):
    """Base of the codecs that give every landmark a covariance; their `refine` gives a dilution.

    The noise of the cells is estimated from what the Gaussian leaves unexplained, and carried over
    to the position to first order. With independent noise on the cells, errors divided by the
    deviations have a variance of 1. The errors of a trained network are not such noise:
    `covariance_scale` says how many times larger their squares are, and is to be measured on
    annotated faces.

    With `beyond_box` the covariance stays that of the decoder's own solution where the landmark was
    found by the range of a border cell instead. Heatmaps need at least 6 cells.

    Args:
        input_size: See `HeatmapCodec`, also for its other arguments.
        covariance_scale: Factor on all covariances.

    Raises:
        ValueError: If an argument is out of its range.
    """

    tells_covariances = True

    covariance_scale: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self.covariance_scale = check_positive('covariance_scale', self.covariance_scale)

    @property
    def reach(self) -> float:
        """See `HeatmapCodec.reach`.

        Several cells tell where a landmark is, outside as well, whatever the height of the
        Gaussian. With independent noise on the cells the range of one border cell becomes the
        better answer further out: at sigma 2 between 1 and 2 cells for KeyPosS and GaussianMLE,
        beyond 2 cells for POPoS.
        """
        return self.sigma

    @property
    def rounding_variance(self) -> float:
        """Variance of each coordinate in heatmap px squared that the decoder itself adds."""
        return 0.0

    def _add_covariances(self, heatmaps: Tensor, found: Located, refinement: Refinement) -> Located:
        """See `HeatmapCodec._add_covariances`."""
        cells = found.coordinates.detach().round().long()
        corners, window = surrounding_window(heatmaps, cells, NOISE_WINDOW)
        noise = noise_variance(window, found.coordinates - corners, self.sigma)
        identity = torch.eye(2, dtype=noise.dtype, device=noise.device)
        covariances = refinement.dilution() * noise[..., None, None]
        covariances = (covariances + identity * self.rounding_variance) * self.covariance_scale
        distrusted = (found.scores == 0)[..., None, None]
        return found._replace(covariances=covariances.masked_fill(distrusted, torch.nan))
