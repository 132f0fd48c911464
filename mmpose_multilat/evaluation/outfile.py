"""The file that a test run leaves behind: predictions, and errors that follow from them."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Union

import numpy as np

from .errors import face_errors, mean_landmark_errors, part_errors
from .predictions import Predictions


def derived_arrays(predictions: Predictions, normalisers: Sequence[str]) -> dict[str, np.ndarray]:
    """Compute errors of faces, landmarks and parts, for programs that read the file alone.

    Args:
        predictions: N faces with K landmarks and P parts.
        normalisers: Keys of `NORMALISERS`.

    Returns:
        `face_errors_<normaliser>` (N,), `landmark_errors_<normaliser>` (K,) means over the faces,
        `part_errors_<normaliser>` (N, P), all fractions, and `part_names` (P,).
    """
    arrays = {}
    for normaliser in normalisers:
        arrays[f'face_errors_{normaliser}'] = face_errors(predictions, normaliser)
        arrays[f'landmark_errors_{normaliser}'] = mean_landmark_errors(predictions, normaliser)
        parts = part_errors(predictions, normaliser)
        shape = (len(parts), len(predictions))
        arrays[f'part_errors_{normaliser}'] = np.array(list(parts.values())).reshape(shape).T
    return {**arrays, 'part_names': np.array(list(predictions.scheme.parts), dtype=np.str_)}


def check_outfile(path: Union[str, Path]) -> Path:
    """Refuse a file that cannot be written, before the test runs and not after it.

    Returns:
        The path.

    Raises:
        ValueError: If it does not end in .npz, is a folder, or its folder cannot be written to.
    """
    if not isinstance(path, (str, Path)):
        raise ValueError(f'outfile must be the path of an .npz file, got {path!r}')
    path = Path(path)
    if path.suffix != '.npz':
        raise ValueError(f'outfile must end in .npz, got {path}')
    if path.is_dir():
        raise ValueError(f'outfile {path} is a folder')
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise ValueError(f'outfile {path} cannot be written: {folder} is no folder to write to')
    return path
