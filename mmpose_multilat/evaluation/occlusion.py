"""Which landmarks are occluded, as the flags of annotations say."""

from collections.abc import Mapping
from typing import Any, Optional

import numpy as np

from .annotations import AnnotatedFaces

OCCLUDED, VISIBLE = 1, 2
"""Flags of landmarks in COCO's format. MMPose's data set classes reduce both to 1."""


def occluded_landmarks(
    faces: AnnotatedFaces, labelled: np.ndarray
) -> tuple[Optional[np.ndarray], Optional[str]]:
    """Read occlusion from the annotations.

    Args:
        faces: The N faces.
        labelled: Whether a landmark counts, (N, K) bool.

    Returns:
        (N, K) bool, None if the annotations do not say or cannot be read; and what is to be said
        in that case.
    """
    try:
        rows = [_flags(record, labelled.shape[1]) for record in faces.records]
    except (OSError, ValueError, TypeError) as error:
        return None, f'Occluded and visible landmarks are not told apart: {error}.'
    missing = sum(row is None for row in rows)
    if missing:
        return None, (
            f'Occluded and visible landmarks are not told apart: {missing} of {len(rows)} faces '
            f'have no flags of landmarks. They are read from {faces.source}. Name the annotation '
            'file of the data set by `ann_file` of the metric.'
        )
    flags = np.array(rows, dtype=np.float64).reshape(labelled.shape)
    if not (flags[labelled] == VISIBLE).any():
        return None, (
            f'Occluded and visible landmarks are not told apart: no landmark has the flag {VISIBLE}'
            ' (visible), so the annotation does not tell.'
        )
    return labelled & (flags == OCCLUDED), None


def _flags(record: Optional[Mapping[str, Any]], num_landmarks: int) -> Optional[list[float]]:
    """Third number of each landmark, None unless there is one for each."""
    landmarks = (record or {}).get('face_kpts') or (record or {}).get('keypoints') or []
    flags = np.asarray(landmarks, dtype=np.float64).reshape(-1)[2::3]
    return flags.tolist() if len(landmarks) == 3 * num_landmarks else None
