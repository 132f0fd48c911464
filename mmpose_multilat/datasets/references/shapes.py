"""Shapes of faces: the landmarks without place and size."""

from collections.abc import Sequence

import numpy as np


def distances_to_mean(landmarks: np.ndarray, partners: Sequence[int]) -> np.ndarray:
    """Compare shapes with the mean of all shapes and of their flipped images.

    Args:
        landmarks: (N, K, 2) landmarks (x, y), all finite.
        partners: For each landmark the one that takes its place in the flipped image.

    Returns:
        (N,) mean squared distance of the landmarks, in units of the face's own spread.
    """
    shapes = _normalised(landmarks)
    mirrored = shapes[:, list(partners)] * (-1, 1)
    mean = (shapes.mean(0) + mirrored.mean(0)) / 2
    return np.square(shapes - mean).sum(2).mean(1)


def _normalised(landmarks: np.ndarray) -> np.ndarray:
    """Move the mean of each shape to 0 and its mean squared distance from there to 1."""
    centred = landmarks - landmarks.mean(1, keepdims=True)
    spread = np.square(centred).sum(2).mean(1)
    return centred / np.sqrt(np.maximum(spread, np.finfo(np.float32).tiny))[:, None, None]
