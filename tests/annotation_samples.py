"""Annotations of two faces as `encode_decode` reads them."""

from pathlib import Path

import numpy as np

KEYPOINTS = np.random.default_rng(0).uniform(0, 200, (2, 98, 2))
BOXES = np.array([[10.0, 20.0, 100.0, 40.0], [0.0, 0.0, 50.0, 200.0]])


def written(folder, **arrays):
    """An .npz file of them, with some arrays replaced."""
    path = Path(folder) / 'faces.npz'
    np.savez(path, **{**dict(keypoints=KEYPOINTS, bbox=BOXES), **arrays})
    return path
