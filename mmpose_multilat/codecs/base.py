"""What all heatmap codecs share: encoding, coordinates, and MMPose's two ways to decode."""

from abc import abstractmethod
from typing import Optional

import numpy as np
import torch
from mmpose.codecs.base import BaseKeypointCodec
from torch import Tensor

from mmpose_multilat.landmarks.checks import check_choice, check_flag, check_positive, check_size
from mmpose_multilat.multilateration import (
    ALIGNMENTS,
    Peaks,
    encode_gaussian,
    has_label,
    heatmap_to_input,
    input_to_heatmap,
    locate_beyond_box,
    without_autocast,
)

from .labels import check_labels, read_weights

VISIBLE = 0.5
"""Landmarks whose visibility is below this have no label, as in MMPose."""


class HeatmapCodec(BaseKeypointCodec):
    """Base of the codecs: landmarks as Gaussian heatmaps of peak 1.

    A decoder is a subclass with one method, `locate`, registered in MMPose's `KEYPOINT_CODECS`.
    What it finds goes through `_follow_beyond_box` last.
    Sizes are written as in MMPose: `input_size` is (w, h) in px, `heatmap_size` is (W, H) in cells.
    N is the number of instances (always 1), K of landmarks, B of faces. All decoding is batched
    torch on the device of the heatmaps; float16 and bfloat16 heatmaps are calculated in float32,
    under autocast too (but for `locate` itself, which is what autocast makes of it).

    Args:
        input_size: Size (w, h) of the network's input in px.
        heatmap_size: Size (W, H) of the heatmaps in cells.
        sigma: Standard deviation of the Gaussians in heatmap px.
        unbiased: Encode the exact position; False rounds it to the nearest cell first (KeyPosS
            equation (4)).
        alignment: Where the cells lie over the input: 'msra' or 'udp', see
            `mmpose_multilat.multilateration.coordinates`.
        beyond_box: Whether a landmark whose strongest cell stands at the border and responds less
            than the labels' peak of 1 is sought beyond it, see `locate_beyond_box`. It is for boxes
            that cut faces off, and takes the heights of the heatmaps at their word. Scores stay
            the decoder's own. Labels of landmarks up to 3 sigma outside the heatmap are encoded in
            any case.

    Raises:
        ValueError: If an argument is out of its range; the message lists what is allowed.
    """

    label_mapping_table = dict(
        keypoint_weights='keypoint_weights', keypoint_labels='keypoint_labels'
    )
    field_mapping_table = dict(heatmaps='heatmaps')

    def __init__(
        self,
        input_size: tuple[int, int],
        heatmap_size: tuple[int, int],
        sigma: float = 2.0,
        unbiased: bool = True,
        alignment: str = 'msra',
        beyond_box: bool = False,
    ) -> None:
        super().__init__()
        self.alignment = check_choice('alignment', alignment, ALIGNMENTS)
        self.input_size = check_size('input_size', input_size)
        self.heatmap_size = check_size('heatmap_size', heatmap_size, smallest=2)
        self.sigma = check_positive('sigma', sigma)
        self.unbiased = check_flag('unbiased', unbiased)
        self.beyond_box = check_flag('beyond_box', beyond_box)

    @property
    def differentiable(self) -> bool:
        """Whether gradients flow from `locate` to the heatmaps, through the stations' values."""
        return False

    @property
    def reach(self) -> float:
        """How far beyond the border cells `locate` finds landmarks without `beyond_box`.

        In heatmap px; there `beyond_box` leaves them alone.
        """
        return 0.0

    @abstractmethod
    def locate(self, heatmaps: Tensor) -> tuple[Tensor, Tensor]:
        """Find the landmark in every heatmap.

        Args:
            heatmaps: (..., H, W) heatmaps of any floating dtype and any content; every leading
                shape, empty ones too.

        Returns:
            coordinates: (..., 2) landmarks (x, y) in heatmap px, finite everywhere, in float32
                (float64 for float64 heatmaps).
            scores: (...) response of the strongest cell, 0 where the landmark is not to be trusted:
                its heatmap holds NaN or infinity, has no positive cell, is constant, or has no
                usable solution.
        """

    def _follow_beyond_box(self, heatmaps: Tensor, peaks: Peaks, coordinates: Tensor) -> Tensor:
        """What `locate` returns for the coordinates (..., 2) that it found in heatmap px."""
        if not self.beyond_box:
            return coordinates
        return locate_beyond_box(heatmaps, peaks, coordinates, self.sigma, self.reach)

    @torch.inference_mode()  # spares bookkeeping, a fifteenth of the time
    def encode(self, keypoints: np.ndarray, keypoints_visible: Optional[np.ndarray] = None) -> dict:
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
        if keypoints_visible is None:
            keypoints_visible = np.ones(keypoints.shape[:2], dtype=np.float32)
        check_labels(type(self).__name__, keypoints, keypoints_visible)
        labels = torch.from_numpy(keypoints[..., :2].astype(np.float32))  # (1, K, 2)
        weights = read_weights(keypoints_visible)  # (1, K)
        landmarks = self._to_heatmap(labels)
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

    def _to_heatmap(self, landmarks: Tensor) -> Tensor:
        """Input px to heatmap px, rounded to cells by the biased encoding."""
        landmarks = input_to_heatmap(landmarks, self.input_size, self.heatmap_size, self.alignment)
        return landmarks if self.unbiased else (landmarks + 0.5).floor()

    def decode(self, encoded: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Decode the heatmaps of one face.

        Args:
            encoded: (K, H, W) heatmaps.

        Returns:
            keypoints: (1, K, 2) landmarks (x, y) in input px.
            scores: (1, K) as in `locate`.
        """
        keypoints, scores = self.batch_decode(torch.as_tensor(encoded)[None])
        return keypoints[0], scores[0]

    def batch_decode(self, batch_encoded: Tensor) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Decode the heatmaps of B faces in one call, on the device where they are.

        Args:
            batch_encoded: (B, K, H, W) heatmaps.

        Returns:
            B arrays (1, K, 2) of landmarks (x, y) in input px, and B arrays (1, K) of scores as in
            `locate`.

        Raises:
            ValueError: If the heatmaps are not of the codec's size.
        """
        coordinates, scores = self.locate_in_input(batch_encoded.detach())
        answer = torch.cat((coordinates, scores.unsqueeze(-1)), -1).unsqueeze(1)  # (B, 1, K, 3)
        answer = answer.cpu().numpy()  # one copy from the device
        return list(answer[..., :2]), list(answer[..., 2])

    def locate_in_input(self, heatmaps: Tensor) -> tuple[Tensor, Tensor]:
        """Like `locate`, for (B, K, H, W) heatmaps of the codec's size and in input px.

        Raises:
            ValueError: If the heatmaps are not of the codec's size.
        """
        self._check_heatmaps(heatmaps)
        with without_autocast(heatmaps):
            coordinates, scores = self.locate(heatmaps)
        geometry = self.input_size, self.heatmap_size, self.alignment
        return heatmap_to_input(coordinates, *geometry), scores

    def _check_heatmaps(self, heatmaps: Tensor) -> None:
        width, height = self.heatmap_size
        if heatmaps.ndim != 4 or heatmaps.shape[-2:] != (height, width):
            raise ValueError(
                f'{type(self).__name__} was built for heatmap_size={self.heatmap_size} (W, H) and '
                f'needs (B, K, {height}, {width}), got {tuple(heatmaps.shape)}; set the '
                "heatmap_size of the codec to the size of the network's output"
            )
        if not heatmaps.is_floating_point():
            raise ValueError(f'heatmaps must be floating point, got {heatmaps.dtype}')
