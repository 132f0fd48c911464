"""What codecs are given to encode."""

import numpy as np


def check_labels(codec: str, keypoints: np.ndarray, visible: np.ndarray) -> None:
    """Raise ValueError unless keypoints are (1, K, 2 or more) and visibilities (1, K)."""
    if keypoints.ndim != 3 or keypoints.shape[0] != 1 or keypoints.shape[2] < 2:
        raise ValueError(f'{codec} encodes one face, keypoints (1, K, 2), got {keypoints.shape}')
    if visible.shape != keypoints.shape[:2]:
        raise ValueError(f'keypoints_visible must be {keypoints.shape[:2]}, got {visible.shape}')
