"""GaussianVector: a vector for each axis of a landmark instead of a heatmap.

Xiong et al., "Gaussian Vector: An Efficient Solution for Facial Landmark Detection", ACCV 2020.
"""

from dataclasses import dataclass

import numpy as np
import torch
from mmpose.registry import KEYPOINT_CODECS
from torch import Tensor

from mmpose_multilat.landmarks import Located
from mmpose_multilat.landmarks.checks import (
    check_choice,
    check_flag,
    check_number,
    check_positive,
    check_size,
)
from mmpose_multilat.multilateration import (
    REFINEMENTS,
    encode_vectors,
    locate_in_vectors,
)

from .labels import VISIBLE, read_labels
from .landmark_codec import LandmarkCodec

PAPERS_HEIGHT = 0.5
"""Of the peak 1 + theta: tau = 2 at theta = 3 does best in the paper (table 6)."""


@KEYPOINT_CODECS.register_module()
@dataclass(eq=False)
class GaussianVector(LandmarkCodec):
    """Landmarks as pairs of vectors, one of W cells along x and one of H along y.

    Heads give and take a pair of tensors as those of MMPose's SimCC do, here
    `GaussianVectorHead`. N is the number of instances (always 1), K of landmarks, B of faces.

    Args:
        input_size: See `LandmarkCodec`, also for `sigma` and `alignment`.
        heatmap_size: Numbers of cells (W, H) of the vectors; at least 3 with `refine='exact'`.
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

    Raises:
        ValueError: If an argument is out of its range; the message lists what is allowed.
    """

    label_mapping_table = dict(
        keypoint_x_labels='keypoint_x_labels',
        keypoint_y_labels='keypoint_y_labels',
        keypoint_weights='keypoint_weights',
    )
    encoded_names = ('keypoint_x_labels', 'keypoint_y_labels')

    theta: float = 3.0
    rounded: bool = True
    refine: str = 'quarter'
    beyond_box: bool = True
    tau: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self.refine = check_choice('refine', self.refine, REFINEMENTS)
        if self.refine == 'exact':
            self.heatmap_size = check_size('heatmap_size', self.heatmap_size, smallest=3)
        self.theta = float(check_number('theta', self.theta, smallest=0))
        self.rounded = check_flag('rounded', self.rounded)
        self.tau = self._default_tau() if self.tau is None else check_positive('tau', self.tau)

    def _default_tau(self) -> float:
        peak = 1 + self.theta
        return peak if self.refine == 'exact' and not self.rounded else PAPERS_HEIGHT * peak

    def encode(self, keypoints: np.ndarray, keypoints_visible: np.ndarray | None = None) -> dict:
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
        landmarks, weights = read_labels(type(self).__name__, keypoints, keypoints_visible)
        x, y = self.geometry.to_heatmap(landmarks).unbind(-1)
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

    def locate(self, x_vectors: Tensor, y_vectors: Tensor, covariances: bool = False) -> Located:
        """Find the landmark in every pair of vectors, in heatmap px.

        Args:
            x_vectors: (..., W) vectors of any floating dtype and any content; every leading shape,
                empty ones too.
            y_vectors: (..., H) vectors with the same leading shape.
            covariances: Must be False: vectors tell none.

        Returns:
            Coordinates in float32 (float64 for float64 vectors). The score is the mean of the two
            maxima, each divided by the label's peak 1 + theta and limited to [0, 1]; 0 where one of
            the vectors cannot be trusted: it holds NaN or infinity, has no positive cell, is
            constant, or has no usable solution.

        Raises:
            ValueError: If covariances are asked for.
        """
        if covariances:
            raise ValueError(f'{type(self).__name__} tells no covariances')
        tau = self.tau if self.beyond_box else None
        x, y = (
            locate_in_vectors(vectors, self.sigma, self.refine, tau)
            for vectors in (x_vectors, y_vectors)
        )
        positions, responses = (torch.stack(pair, -1) for pair in zip(x, y))  # (..., 2) each
        heights = (responses / (1 + self.theta)).clamp(0, 1)
        scores = heights.mean(-1).masked_fill((responses <= 0).any(-1), 0)
        return Located(positions, scores)

    def check_encoded(self, *encoded: Tensor) -> None:
        """See `LandmarkCodec.check_encoded`: vectors (B, K, W) along x and (B, K, H) along y."""
        found = [tuple(each.shape) for each in encoded]
        width, height = self.heatmap_size
        batch = found[0][:2]
        if found != [(*batch, width), (*batch, height)]:
            raise ValueError(
                f'{type(self).__name__} was built for heatmap_size={self.heatmap_size} (W, H) and '
                f'needs (B, K, {width}) and (B, K, {height}), got {" and ".join(map(str, found))}; '
                "set the heatmap_size of the codec to the size of the network's heatmaps, and use "
                'a head that puts out vectors: GaussianVectorHead'
            )
        for vectors in encoded:
            if not vectors.is_floating_point():
                raise ValueError(f'vectors must be floating point, got {vectors.dtype}')
