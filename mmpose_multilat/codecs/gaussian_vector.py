"""GaussianVector: a vector for each axis of a landmark instead of a heatmap.

Xiong et al., "Gaussian Vector: An Efficient Solution for Facial Landmark Detection", ACCV 2020.
"""

from typing import Optional

import numpy as np
import torch
from mmpose.codecs.base import BaseKeypointCodec
from mmpose.registry import KEYPOINT_CODECS
from torch import Tensor

from mmpose_multilat.landmarks.checks import (
    check_choice,
    check_flag,
    check_number,
    check_positive,
    check_size,
)
from mmpose_multilat.multilateration import (
    ALIGNMENTS,
    REFINEMENTS,
    encode_vectors,
    heatmap_to_input,
    input_to_heatmap,
    locate_in_vectors,
)

from .base import VISIBLE
from .labels import check_labels, read_weights

PAPERS_HEIGHT = 0.5
"""Of the peak 1 + theta: tau = 2 at theta = 3 does best in the paper (table 6)."""


@KEYPOINT_CODECS.register_module()
class GaussianVector(BaseKeypointCodec):
    """Landmarks as pairs of vectors, one of W cells along x and one of H along y.

    Heads give and take a pair of tensors as those of MMPose's SimCC do, here
    `GaussianVectorHead`. N is the number of instances (always 1), K of landmarks, B of faces.

    Args:
        input_size: Size (w, h) of the network's input in px.
        heatmap_size: Numbers of cells (W, H) of the vectors; at least 3 with `refine='exact'`.
        sigma: Standard deviation of the labels in heatmap px.
        theta: What the peak of a label has beyond 1, not negative.
        rounded: True for the paper's labels, False for labels at the exact position, see
            `encode_vectors`. They go with `refine='exact'`, which recovers that position.
        refine: 'quarter' (the paper's) goes a quarter of a cell toward the larger neighbour of the
            maximum, 'exact' solves for the position by the ranges of three cells, 'none' takes the
            strongest cell.
        beyond_box: Whether a landmark whose maximum stands at the end of a vector is sought beyond
            it, see `beyond_end`; else it stays within the cells. With `refine='exact'` only where
            ranges do not put it into the last cell. Labels of landmarks up to 3 sigma outside the
            cells are encoded in any case.
        tau: Height of the bump that is assumed then. None for (1 + theta) / 2, at theta = 3 the
            paper's best, 2: end cells that respond more do not send the landmark out. But with
            labels that are not rounded and `refine='exact'` None is for their true height 1 + theta
            and exact: ranges tell on which side of the end the landmark lies.
        alignment: Where the cells lie over the input: 'msra' or 'udp', see
            `mmpose_multilat.multilateration.coordinates`.

    Raises:
        ValueError: If an argument is out of its range; the message lists what is allowed.
    """

    label_mapping_table = dict(
        keypoint_x_labels='keypoint_x_labels',
        keypoint_y_labels='keypoint_y_labels',
        keypoint_weights='keypoint_weights',
    )

    def __init__(
        self,
        input_size: tuple[int, int],
        heatmap_size: tuple[int, int],
        sigma: float = 2.0,
        theta: float = 3.0,
        rounded: bool = True,
        refine: str = 'quarter',
        beyond_box: bool = True,
        tau: Optional[float] = None,
        alignment: str = 'msra',
    ) -> None:
        super().__init__()
        self.alignment = check_choice('alignment', alignment, ALIGNMENTS)
        self.refine = check_choice('refine', refine, REFINEMENTS)
        self.input_size = check_size('input_size', input_size)
        self.heatmap_size = check_size('heatmap_size', heatmap_size, 3 if refine == 'exact' else 2)
        self.sigma = check_positive('sigma', sigma)
        self.theta = float(check_number('theta', theta, smallest=0))
        self.rounded = check_flag('rounded', rounded)
        self.beyond_box = check_flag('beyond_box', beyond_box)
        self.tau = self._default_tau() if tau is None else check_positive('tau', tau)

    def _default_tau(self) -> float:
        peak = 1 + self.theta
        return peak if self.refine == 'exact' and not self.rounded else PAPERS_HEIGHT * peak

    def encode(self, keypoints: np.ndarray, keypoints_visible: Optional[np.ndarray] = None) -> dict:
        """Encode the landmarks of one face as vectors.

        Args:
            keypoints: (1, K, 2) landmarks (x, y) in input px.
            keypoints_visible: (1, K) visibilities, all 1 by default.

        Returns:
            'keypoint_x_labels': (1, K, W) float32 vectors, values in [0, 1 + theta]; all zero for a
                landmark without a label.
            'keypoint_y_labels': (1, K, H), likewise.
            'keypoint_weights': (1, K) float32 visibility, 0 for landmarks that are invisible, not
                finite, or 3 sigma or more outside the cells, and where the visibility is negative
                or not finite.

        Raises:
            ValueError: If the arrays have other shapes.
        """
        if keypoints_visible is None:
            keypoints_visible = np.ones(keypoints.shape[:2], dtype=np.float32)
        check_labels(type(self).__name__, keypoints, keypoints_visible)
        landmarks = torch.from_numpy(keypoints[..., :2].astype(np.float32))
        weights = read_weights(keypoints_visible)  # (1, K)
        x, y = input_to_heatmap(landmarks, *self._geometry).unbind(-1)
        labels = [self._encode_axis(*axis) for axis in zip((x, y), self.heatmap_size)]
        labelled = (labels[0] > 0).any(-1) & (labels[1] > 0).any(-1)
        hidden = (~labelled | (weights < VISIBLE)).unsqueeze(-1)
        x_labels, y_labels = (each.masked_fill(hidden, 0).numpy() for each in labels)
        return dict(
            keypoint_x_labels=x_labels,
            keypoint_y_labels=y_labels,
            keypoint_weights=weights.masked_fill(~labelled, 0).numpy(),
        )

    def _encode_axis(self, positions: Tensor, length: int) -> Tensor:
        return encode_vectors(positions, length, self.sigma, self.theta, self.rounded)

    @property
    def _geometry(self) -> tuple[tuple[int, int], tuple[int, int], str]:
        return self.input_size, self.heatmap_size, self.alignment

    def locate(self, x_vectors: Tensor, y_vectors: Tensor) -> tuple[Tensor, Tensor]:
        """Find the landmark in every pair of vectors.

        Args:
            x_vectors: (..., W) vectors of any floating dtype and any content; every leading shape,
                empty ones too.
            y_vectors: (..., H) vectors with the same leading shape.

        Returns:
            coordinates: (..., 2) landmarks (x, y) in heatmap px, finite everywhere, in float32
                (float64 for float64 vectors).
            scores: (...) mean of the two maxima, each divided by the label's peak 1 + theta and
                limited to [0, 1]; 0 where one of the vectors cannot be trusted: it holds NaN or
                infinity, has no positive cell, is constant, or has no usable solution.
        """
        tau = self.tau if self.beyond_box else None
        x, y = (
            locate_in_vectors(vectors, self.sigma, self.refine, tau)
            for vectors in (x_vectors, y_vectors)
        )
        positions, responses = (torch.stack(pair, -1) for pair in zip(x, y))  # (..., 2) each
        heights = (responses / (1 + self.theta)).clamp(0, 1)
        scores = heights.mean(-1).masked_fill((responses <= 0).any(-1), 0)
        return positions, scores

    def decode(self, x_vectors: np.ndarray, y_vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Decode the vectors of one face.

        Args:
            x_vectors: (K, W) vectors along x.
            y_vectors: (K, H) vectors along y.

        Returns:
            keypoints: (1, K, 2) landmarks (x, y) in input px.
            scores: (1, K) as in `locate`.
        """
        pair = (torch.as_tensor(vectors)[None] for vectors in (x_vectors, y_vectors))
        keypoints, scores = self.batch_decode(*pair)
        return keypoints[0], scores[0]

    def batch_decode(
        self, x_vectors: Tensor, y_vectors: Tensor
    ) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Decode the vectors of B faces in one call, on the device where they are.

        Args:
            x_vectors: (B, K, W) vectors along x.
            y_vectors: (B, K, H) vectors along y.

        Returns:
            B arrays (1, K, 2) of landmarks (x, y) in input px, and B arrays (1, K) of scores as in
            `locate`.

        Raises:
            ValueError: If the vectors are not of the codec's size, or not floating point.
        """
        self._check_vectors(x_vectors, y_vectors)
        coordinates, scores = self.locate(x_vectors.detach(), y_vectors.detach())
        keypoints = heatmap_to_input(coordinates, *self._geometry)
        answer = torch.cat((keypoints, scores.unsqueeze(-1)), -1).unsqueeze(1)  # (B, 1, K, 3)
        answer = answer.cpu().numpy()  # one copy from the device
        return list(answer[..., :2]), list(answer[..., 2])

    def _check_vectors(self, x_vectors: Tensor, y_vectors: Tensor) -> None:
        found = tuple(x_vectors.shape), tuple(y_vectors.shape)
        width, height = self.heatmap_size
        wanted = (*found[0][:2], width), (*found[0][:2], height)
        if x_vectors.ndim != 3 or found != wanted:
            raise ValueError(
                f'{type(self).__name__} was built for heatmap_size={self.heatmap_size} (W, H) and '
                f'needs (B, K, {width}) and (B, K, {height}), got {found[0]} and {found[1]}; set '
                "the heatmap_size of the codec to the size of the network's heatmaps"
            )
        for vectors in (x_vectors, y_vectors):
            if not vectors.is_floating_point():
                raise ValueError(f'vectors must be floating point, got {vectors.dtype}')
