"""What codecs are given to encode."""

import numpy as np
import torch
from torch import Tensor


def check_labels(codec: str, keypoints: np.ndarray, visible: np.ndarray) -> None:
    """Raise ValueError unless keypoints are (1, K, 2 or more) and visibilities (1, K)."""
    if keypoints.ndim != 3 or keypoints.shape[0] != 1 or keypoints.shape[2] < 2:
        raise ValueError(f'{codec} encodes one face, keypoints (1, K, 2), got {keypoints.shape}')
    if visible.shape != keypoints.shape[:2]:
        raise ValueError(f'keypoints_visible must be {keypoints.shape[:2]}, got {visible.shape}')


def read_weights(visible: np.ndarray) -> Tensor:
    """Visibilities as float32 weights; 0 for those that are negative or not finite."""
    weights = torch.from_numpy(visible.astype(np.float32))
    return weights.masked_fill(~weights.isfinite(), 0).clamp(min=0)
