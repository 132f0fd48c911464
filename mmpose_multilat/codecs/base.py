"""What all heatmap codecs share: encoding, and the template of decoding."""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, final

import numpy as np
import torch
from torch import Tensor

from mmpose_multilat.landmarks import Located
from mmpose_multilat.landmarks.checks import check_flag
from mmpose_multilat.multilateration import (
    Peaks,
    accept_refinement,
    encode_gaussian,
    find_peaks,
    has_label,
    largest_shift,
    locate_beyond_box,
)

from .labels import VISIBLE, read_labels
from .landmark_codec import LandmarkCodec


class Refinement(NamedTuple):
    """What a decoder finds in (..., H, W) heatmaps, before it is accepted.

    Attributes:
        coordinates: (..., 2) landmarks (x, y) in heatmap px. NaN, or further from the strongest
            cell than a labelled landmark can be, is refused: the answer is then the `fallback` or
            that cell's centre, with score 0.
        fallback: (..., 2) second choice in heatmap px, None for the cell's centre.
        dilution: Calculates the (..., 2, 2) covariance in heatmap px squared for noise of variance
            1 on every cell, which need not be finite where the answer is refused; None in a decoder
            that cannot tell.
    """

    coordinates: Tensor
    fallback: Tensor | None = None
    dilution: Callable[[], Tensor] | None = None


@dataclass(eq=False)
class HeatmapCodec(LandmarkCodec):
    """Base of the codecs of heatmaps: landmarks as Gaussians of peak 1.

    A decoder is a subclass with one method, `refine`, decorated with `@dataclass(eq=False)` if it
    has arguments of its own, and registered in MMPose's `KEYPOINT_CODECS`.

    Args:
        input_size: See `LandmarkCodec`, also for `heatmap_size`, `sigma`, `alignment`.
        unbiased: Encode the exact position; False rounds it to the nearest cell first (KeyPosS
            equation (4)).
        beyond_box: Whether a landmark whose strongest cell stands at the border and responds less
            than the labels' peak of 1 is sought beyond it, see `locate_beyond_box`. It takes the
            heights of the heatmaps to be right; scores stay the decoder's own.

    Raises:
        ValueError: If an argument is out of its range; the message lists what is allowed.
    """

    label_mapping_table = dict(
        keypoint_weights='keypoint_weights', keypoint_labels='keypoint_labels'
    )
    field_mapping_table = dict(heatmaps='heatmaps')
    encoded_names = ('heatmaps',)

    unbiased: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        self.unbiased = check_flag('unbiased', self.unbiased)

    @property
    def differentiable(self) -> bool:
        """Whether gradients flow from `locate` to the heatmaps, through the stations' values."""
        return False

    @property
    def reach(self) -> float:
        """How far beyond the border cells `refine` finds landmarks itself, in heatmap px.

        There `beyond_box` leaves them alone.
        """
        return 0.0

    @abstractmethod
    def refine(self, heatmaps: Tensor, peaks: Peaks) -> Refinement:
        """Find the landmarks more precisely than the strongest cells.

        Args:
            heatmaps: (..., H, W) heatmaps of any floating dtype and any content; every leading
                shape, empty ones too.
            peaks: Their strongest cells.
        """

    @final
    def locate(self, heatmaps: Tensor, covariances: bool = False) -> Located:
        """Find the landmark in every heatmap, in heatmap px.

        Args:
            heatmaps: (..., H, W) heatmaps of any floating dtype and any content; every leading
                shape, empty ones too.
            covariances: Whether to estimate covariances too, see `CovarianceCodec`.

        Returns:
            Coordinates in float32 (float64 for float64 heatmaps). The score is the response of the
            strongest cell, 0 where the landmark is not to be trusted: its heatmap holds NaN or
            infinity, has no positive cell, is constant, or has no usable solution.

        Raises:
            ValueError: If covariances are asked of a codec that tells none, or of heatmaps with too
                few cells.
        """
        if covariances and not self.tells_covariances:
            raise ValueError(f'{type(self).__name__} tells no covariances')
        peaks = find_peaks(heatmaps)
        refinement = self.refine(heatmaps, peaks)
        coordinates, scores = self._accept(peaks, refinement)
        if self.beyond_box:
            coordinates = locate_beyond_box(heatmaps, peaks, coordinates, self.sigma, self.reach)
        found = Located(coordinates, scores)
        return self._add_covariances(heatmaps, found, refinement) if covariances else found

    def _accept(self, peaks: Peaks, refinement: Refinement) -> tuple[Tensor, Tensor]:
        """Coordinates (..., 2) and scores (...) of the template, see `Refinement`."""
        limit = largest_shift(self.sigma)
        coordinates, scores = accept_refinement(peaks, refinement.coordinates, limit)
        if refinement.fallback is not None:
            fallback, _ = accept_refinement(peaks, refinement.fallback, limit)
            coordinates = torch.where(scores.unsqueeze(-1) > 0, coordinates, fallback)
        return coordinates, scores

    def _add_covariances(self, heatmaps: Tensor, found: Located, refinement: Refinement) -> Located:
        """The same with covariances, in codecs that tell them."""
        raise NotImplementedError

    @torch.inference_mode()  # spares bookkeeping, a fifteenth of the time
    def encode(self, keypoints: np.ndarray, keypoints_visible: np.ndarray | None = None) -> dict:
        """Encode the landmarks of one face as heatmaps.

        Args:
            keypoints: (1, K, 2) landmarks (x, y) in input px.
            keypoints_visible: (1, K) visibilities, all 1 by default.

        Returns:
            'heatmaps': (K, H, W) float32, values in [0, 1], all zero for a landmark without a
                label.
            'keypoint_labels': (1, K, 2) float32 landmarks (x, y) in input px, 0 where not finite.
            'keypoint_weights': (1, K) float32 visibility, 0 for landmarks that are invisible, not
                finite, or more than 3 sigma outside the heatmap, and where the visibility is
                negative or not finite.

        Raises:
            ValueError: If the arrays have other shapes.
        """
        labels, weights = read_labels(type(self).__name__, keypoints, keypoints_visible)
        landmarks = self.geometry.to_heatmap(labels)
        landmarks = landmarks if self.unbiased else (landmarks + 0.5).floor()
        unlabelled = ~has_label(landmarks, self.heatmap_size, self.sigma)
        hidden = unlabelled | (weights < VISIBLE)
        heatmaps = encode_gaussian(landmarks, self.heatmap_size, self.sigma)  # (1, K, H, W)
        if hidden.any():
            heatmaps[hidden] = 0
        return dict(
            heatmaps=heatmaps[0].numpy(),
            keypoint_labels=labels.nan_to_num(nan=0, posinf=0, neginf=0).numpy(),
            keypoint_weights=weights.masked_fill(unlabelled, 0).numpy(),
        )

    def check_encoded(self, *encoded: Tensor) -> None:
        """See `LandmarkCodec.check_encoded`: (B, K, H, W) heatmaps of the codec's size."""
        width, height = self.heatmap_size
        shapes = [tuple(each.shape) for each in encoded]
        if len(shapes) != 1 or len(shapes[0]) != 4 or shapes[0][-2:] != (height, width):
            raise ValueError(
                f'{type(self).__name__} was built for heatmap_size={self.heatmap_size} (W, H) and '
                f'needs (B, K, {height}, {width}), got {" and ".join(map(str, shapes))}; set the '
                "heatmap_size of the codec to the size of the network's output, and use a head "
                'that puts out heatmaps, such as HeatmapHead or MultilaterationHead'
            )
        if not encoded[0].is_floating_point():
            raise ValueError(f'heatmaps must be floating point, got {encoded[0].dtype}')
