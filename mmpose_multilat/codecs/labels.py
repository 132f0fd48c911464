"""What codecs are given to encode."""

import numpy as np
import torch
from torch import Tensor

VISIBLE = 0.5
"""Landmarks whose visibility is below this have no label, as in MMPose."""


def read_labels(
    codec: str, keypoints: np.ndarray, visible: np.ndarray | None
) -> tuple[Tensor, Tensor]:
    """Read the labels of one face.

    Args:
        codec: Name of the codec, for messages.
        keypoints: (1, K, 2 or more) landmarks (x, y) in input px.
        visible: (1, K) visibilities, None for all 1.

    Returns:
        (1, K, 2) float32 landmarks and (1, K) float32 weights, 0 for visibilities that are negative
        or not finite.

    Raises:
        ValueError: If the arrays have other shapes.
    """
    if keypoints.ndim != 3 or keypoints.shape[0] != 1 or keypoints.shape[2] < 2:
        raise ValueError(f'{codec} encodes one face, keypoints (1, K, 2), got {keypoints.shape}')
    visible = np.ones(keypoints.shape[:2], np.float32) if visible is None else visible
    if visible.shape != keypoints.shape[:2]:
        raise ValueError(f'keypoints_visible must be {keypoints.shape[:2]}, got {visible.shape}')
    weights = torch.from_numpy(visible.astype(np.float32))
    weights = weights.masked_fill(~weights.isfinite(), 0).clamp(min=0)
    return torch.from_numpy(keypoints[..., :2].astype(np.float32)), weights
