"""Errors and covariances of known scale, and their calibration."""

import numpy as np

from mmpose_multilat.analysis import fit_decoder

FACES, LANDMARKS, FACTOR = 60, 30, 25.0
GROUPS = [f'person {face // 3}' for face in range(FACES)]


def samples():
    """Errors that are `FACTOR` times as large in square as their covariances say."""
    rng = np.random.default_rng(0)
    sizes = rng.uniform(1, 9, (FACES, LANDMARKS))
    covariances = sizes[..., None, None] * np.array([[2.0, 0.5], [0.5, 1.0]])
    noise = rng.normal(size=(FACES, LANDMARKS, 2, 1))
    errors = (np.linalg.cholesky(FACTOR * covariances) @ noise)[..., 0]
    return errors, covariances


def fit(errors, covariances, present=1.0, seeds=(0, 1)):
    return fit_decoder('my decoder', 'KeyPosS', present, errors, covariances, GROUPS, seeds)
