"""BoundaryHeatmap: the curves of a face as an additional label beside its landmarks.

Wu et al., "Look at Boundary: A Boundary-Aware Face Alignment Algorithm", CVPR 2018; Wan et al.,
"Precise Facial Landmark Detection by Reference Heatmap Transformer", equation (7).
"""

from dataclasses import KW_ONLY, dataclass
from typing import Any, NoReturn

import numpy as np
import torch
from mmpose.registry import KEYPOINT_CODECS
from torch import Tensor

from mmpose_multilat.landmarks import SCHEMES
from mmpose_multilat.landmarks.checks import check_choice
from mmpose_multilat.multilateration import drawn_share, encode_polylines, segments_of

from .grid_codec import GridCodec
from .labels import VISIBLE, read_labels


@KEYPOINT_CODECS.register_module()
@dataclass(eq=False)
class BoundaryHeatmap(GridCodec):
    """Gaussians of the distance to the curves through the landmarks, one heatmap for each curve.

    One more label for any head, whatever the codec of the landmarks: put
    `dict(type='AddTarget', encoder=dict(type='BoundaryHeatmap', ...))` behind `GenerateTarget`.
    Sizes need not be those of the landmarks' heatmaps. B is the number of faces, K of landmarks, P
    of curves, which are those of `mmpose_multilat.landmarks.schemes`.

    Curves are straight from landmark to landmark. Public code rounds them by splines; RHT does not
    tell.

    Args:
        input_size: See `GridCodec`, also for `heatmap_size` and `alignment`.
        sigma: Standard deviation across the curve in heatmap px.
        scheme: Annotation scheme of the landmarks: 'wflw' (K = 98, P = 15), 'ibug' (68, 13), 'cofw'
            (29, 13), 'aflw' (19, 6) or 'lapa' (106, 15).

    Raises:
        ValueError: If an argument is out of its range; the message lists what is allowed.
    """

    label_mapping_table = dict(
        boundary_heatmaps='boundary_heatmaps', boundary_weights='boundary_weights'
    )

    sigma: float = 1.0
    _: KW_ONLY
    scheme: str

    def __post_init__(self) -> None:
        super().__post_init__()
        facts = SCHEMES[check_choice('scheme', self.scheme, tuple(SCHEMES))]
        self.names = tuple(facts.curves)
        self.flip_indices = facts.curve_flip_indices
        self._num_landmarks = facts.num_landmarks
        self._segments = segments_of(facts.curves.values())

    @property
    def num_boundaries(self) -> int:
        """Number P of curves, the channels that a head needs for them."""
        return len(self.names)

    def draw(self, landmarks: Tensor, visible: Tensor | None = None) -> Tensor:
        """Draw the curves of faces.

        Args:
            landmarks: (B, K, 2) landmarks (x, y) in heatmap px; may lie outside.
            visible: (B, K) visibilities, all 1 if None. A segment at a landmark that is invisible
                (below 0.5) or not finite is left out.

        Returns:
            (B, P, H, W) heatmaps with values in [0, 1], of the dtype and on the device of the
            landmarks.

        Raises:
            ValueError: If K is not the scheme's.
        """
        self._check_number(landmarks.shape[-2])
        labelled = None if visible is None else visible >= VISIBLE
        return encode_polylines(landmarks, self._segments, self.heatmap_size, self.sigma, labelled)

    @torch.inference_mode()  # spares bookkeeping
    def encode(self, keypoints: np.ndarray, keypoints_visible: np.ndarray | None = None) -> dict:
        """Draw the curves of one face.

        Args:
            keypoints: (1, K, 2) landmarks (x, y) in input px; may lie outside.
            keypoints_visible: (1, K) visibilities, all 1 by default.

        Returns:
            'boundary_heatmaps': (1, P, H, W) float32, see `draw`.
            'boundary_weights': (1, P) float32, share of the segments of each curve that are drawn.

        Raises:
            ValueError: If the arrays have other shapes, or K is not the scheme's.
        """
        labels, weights = read_labels(type(self).__name__, keypoints, keypoints_visible)
        landmarks = self.geometry.to_heatmap(labels)
        heatmaps = self.draw(landmarks, weights)
        shares = drawn_share(landmarks, self._segments, weights >= VISIBLE)
        return dict(boundary_heatmaps=heatmaps.numpy(), boundary_weights=shares.numpy())

    def _check_number(self, found: int) -> None:
        """Refuse faces whose landmarks are not those of the curves."""
        if found != self._num_landmarks:
            raise ValueError(
                f'scheme={self.scheme!r} has {self._num_landmarks} landmarks, the face has {found};'
                " set the scheme of BoundaryHeatmap to that of the dataset's landmarks"
            )

    def decode(self, encoded: Any) -> NoReturn:
        """Refuse: curves do not tell landmarks.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError(
            'BoundaryHeatmap only encodes; the decoder of a head is a codec of landmarks'
        )
