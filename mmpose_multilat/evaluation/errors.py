"""Normalised mean errors (NME) of faces, landmarks and parts of the face.

An error is the Euclidean distance between predicted and true landmark in px, divided by a distance
in px that stands for the size of the face: a fraction without unit. What is undefined is NaN here,
and whoever averages leaves it out and counts it.
"""

from collections.abc import Mapping, Sequence
from typing import Optional

import numpy as np

from .normalisers import counted_landmarks, normalising_distances
from .predictions import Predictions

NAMED_FACES = 3
"""So many faces are named in a message about faces."""


def landmark_errors(predictions: Predictions, normaliser: str) -> np.ndarray:
    """Compute the error of every landmark of every face.

    Args:
        predictions: N faces with K landmarks.
        normaliser: A key of `NORMALISERS`.

    Returns:
        (N, K) fractions, float64; NaN where a landmark does not count or the face's normaliser is
        undefined.

    Raises:
        ValueError: If a landmark that counts was predicted as NaN or infinity; it names the face.
    """
    counted = counted_landmarks(predictions)
    check_finite(predictions)
    offset = predictions.predicted.astype(np.float64) - predictions.true.astype(np.float64)
    pixels = np.hypot(offset[..., 0], offset[..., 1])
    distances = normalising_distances(predictions, normaliser)
    return np.where(counted, pixels, np.nan) / distances[:, None]


def face_errors(predictions: Predictions, normaliser: str) -> np.ndarray:
    """Compute the NME of each face: the mean error of its landmarks that count.

    Args:
        predictions: N faces.
        normaliser: A key of `NORMALISERS`.

    Returns:
        (N,) fractions, float64; NaN where the normaliser is undefined or no landmark counts.

    Raises:
        ValueError: As `landmark_errors` does.
    """
    return mean_defined(landmark_errors(predictions, normaliser), axis=1)


def part_errors(
    predictions: Predictions,
    normaliser: str,
    parts: Optional[Mapping[str, Sequence[int]]] = None,
) -> dict[str, np.ndarray]:
    """Compute the NME of each part of each face.

    Args:
        predictions: N faces.
        normaliser: A key of `NORMALISERS`.
        parts: Landmarks by part; those of the annotation scheme by default.

    Returns:
        Part -> (N,) fractions; NaN where undefined.

    Raises:
        ValueError: As `landmark_errors` does.
    """
    errors = landmark_errors(predictions, normaliser)
    chosen = predictions.scheme.parts if parts is None else parts
    return {name: mean_defined(errors[:, list(each)], axis=1) for name, each in chosen.items()}


def mean_landmark_errors(predictions: Predictions, normaliser: str) -> np.ndarray:
    """Compute the mean error of each landmark over the faces.

    Args:
        predictions: Faces with K landmarks.
        normaliser: A key of `NORMALISERS`.

    Returns:
        (K,) fractions; NaN for a landmark that counts in no face.

    Raises:
        ValueError: As `landmark_errors` does.
    """
    return mean_defined(landmark_errors(predictions, normaliser), axis=0)


def check_finite(predictions: Predictions) -> None:
    """Refuse NaN and infinity as a prediction of a landmark that counts.

    A face that silently left the mean would make a broken decoder look better than it is.

    Raises:
        ValueError: Naming image, annotation and landmark of the first such faces.
    """
    wrong = counted_landmarks(predictions) & ~np.isfinite(predictions.predicted).all(axis=2)
    faces = np.flatnonzero(wrong.any(axis=1))
    if len(faces):
        named = '; '.join(
            f'{predictions.images[face]}, annotation {predictions.ids[face]}, landmarks '
            f'{np.flatnonzero(wrong[face]).tolist()}'
            for face in faces[:NAMED_FACES]
        )
        raise ValueError(
            f'{len(faces)} of {len(predictions)} faces have predicted landmarks that are not '
            f'finite: {named}. Check the checkpoint and the decoder.'
        )


def describe_unanswered(predictions: Predictions) -> Optional[str]:
    """Say in how many faces no landmark was found, as where heatmaps are empty or not finite.

    Their landmarks stand at some cell, so that their errors are finite.

    Returns:
        A warning, or None if every face has a score above 0, or the head gives none.
    """
    (faces,) = np.nonzero((predictions.scores <= 0).all(axis=1))
    if not len(faces):
        return None
    named = '; '.join(
        f'{predictions.images[face]}, annotation {predictions.ids[face]}'
        for face in faces[:NAMED_FACES]
    )
    return (
        f'In {len(faces)} of {len(predictions)} faces no landmark has a score above 0: {named}. '
        "The network's output is empty or not finite there, and the errors say nothing. Check the "
        'checkpoint.'
    )


def mean_defined(values: np.ndarray, axis: int) -> np.ndarray:
    """Mean of the values that are not NaN; NaN where all are."""
    defined = ~np.isnan(values)
    count = defined.sum(axis=axis)
    total = np.where(defined, values, 0.0).sum(axis=axis)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
