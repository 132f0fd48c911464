"""What codecs share that know how uncertain their landmarks are."""

from abc import abstractmethod

import numpy as np
import torch
from torch import Tensor

from mmpose_multilat.landmarks.checks import check_positive
from mmpose_multilat.multilateration import (
    cell_pitch,
    heatmap_to_input,
    noise_variance,
    surrounding_window,
    without_autocast,
)

from .base import HeatmapCodec

NOISE_WINDOW = 9
"""Side in cells of the window that the noise is estimated from: the bump and a little beside it."""


class CovarianceCodec(HeatmapCodec):
    """Base of the codecs that give every landmark a covariance.

    The noise of the cells is estimated from what the bump leaves unexplained, and carried over to
    the position to first order. With independent noise on the cells, errors divided by the
    deviations have a variance of 1. The errors of a trained network are not such noise:
    `covariance_scale` says how many times larger their squares are, and is to be measured on
    annotated faces.

    With `beyond_box` the covariance stays that of the decoder's own solution where the landmark was
    found by the range of a border cell instead.

    Args:
        input_size: See `HeatmapCodec`, also for the next four.
        heatmap_size: Size (W, H) in cells.
        sigma: In heatmap px.
        unbiased: Whether the exact position is encoded.
        alignment: 'msra' or 'udp'.
        covariance_scale: Factor on all covariances.
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
        covariance_scale: float = 1.0,
        beyond_box: bool = False,
    ) -> None:
        super().__init__(input_size, heatmap_size, sigma, unbiased, alignment, beyond_box)
        self.covariance_scale = check_positive('covariance_scale', covariance_scale)

    @property
    def reach(self) -> float:
        """See `HeatmapCodec.reach`.

        Several cells tell where a landmark is, outside as well, whatever the height of the bump.
        With independent noise on the cells the range of one border cell becomes the better answer
        further out: at sigma 2 between 1 and 2 cells for KeyPosS and GaussianMLE, beyond 2 cells
        for POPoS.
        """
        return self.sigma

    @property
    def rounding_variance(self) -> float:
        """Variance of each coordinate in heatmap px squared that the decoder itself adds."""
        return 0.0

    @abstractmethod
    def locate_with_dilution(self, heatmaps: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Like `locate`, with the covariance (..., 2, 2) for noise of variance 1 on every cell.

        The covariance is in heatmap px squared and need not be finite where the score is 0.
        """

    def locate_with_covariance(self, heatmaps: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Find the landmark in every heatmap and say how far from there it may be.

        Args:
            heatmaps: See `HeatmapCodec.locate`; at least 6 cells.

        Returns:
            coordinates: See `HeatmapCodec.locate`.
            scores: See `HeatmapCodec.locate`.
            covariances: (..., 2, 2) symmetric [[xx, xy], [xy, yy]] in heatmap px squared, NaN where
                the score is 0.

        Raises:
            ValueError: If the heatmaps have too few cells.
        """
        coordinates, scores, dilution = self.locate_with_dilution(heatmaps)
        cells = coordinates.detach().round().long()
        corners, window = surrounding_window(heatmaps, cells, NOISE_WINDOW)
        noise = noise_variance(window, coordinates - corners, self.sigma)
        identity = torch.eye(2, dtype=noise.dtype, device=noise.device)
        covariances = dilution * noise[..., None, None] + identity * self.rounding_variance
        covariances = covariances * self.covariance_scale
        distrusted = (scores == 0)[..., None, None]
        return coordinates, scores, covariances.masked_fill(distrusted, torch.nan)

    def locate_in_input_with_covariance(self, heatmaps: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Like `locate_with_covariance`, for (B, K, H, W) heatmaps of the codec's size.

        Returns:
            Coordinates in input px, scores, and covariances in input px squared.

        Raises:
            ValueError: If the heatmaps are not of the codec's size or have too few cells.
        """
        self._check_heatmaps(heatmaps)
        with without_autocast(heatmaps):
            coordinates, scores, covariances = self.locate_with_covariance(heatmaps)
        geometry = self.input_size, self.heatmap_size, self.alignment
        x, y = cell_pitch(*geometry)
        # Products of the pitches along x and y; a tensor would have to be copied to a GPU first.
        (xx, xy), (_, yy) = (row.unbind(-1) for row in covariances.unbind(-2))
        rows = torch.stack((xx * x * x, xy * x * y), -1), torch.stack((xy * x * y, yy * y * y), -1)
        return heatmap_to_input(coordinates, *geometry), scores, torch.stack(rows, -2)

    def batch_decode_with_covariance(
        self, batch_encoded: Tensor
    ) -> tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray]]:
        """Like `batch_decode`, with covariances.

        Args:
            batch_encoded: (B, K, H, W) heatmaps.

        Returns:
            B arrays (1, K, 2) of landmarks (x, y) in input px, B arrays (1, K) of scores, and B
            arrays (1, K, 2, 2) of covariances in input px squared.

        Raises:
            ValueError: If the heatmaps are not of the codec's size or have too few cells.
        """
        located = self.locate_in_input_with_covariance(batch_encoded.detach())
        coordinates, scores, covariances = (part.unsqueeze(1).cpu().numpy() for part in located)
        return list(coordinates), list(scores), list(covariances)
