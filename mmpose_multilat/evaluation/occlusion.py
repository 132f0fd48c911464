"""Which landmarks are occluded, as the flags of annotations say."""

from collections.abc import Mapping
from typing import Any, Optional

import numpy as np

from .annotation_files import landmarks_of
from .annotations import SAME_LANDMARK, AnnotatedFaces

OCCLUDED, VISIBLE = 1, 2
"""Flags of landmarks in COCO's format. MMPose's dataset classes reduce both to 1."""


def occluded_landmarks(
    faces: AnnotatedFaces, true: np.ndarray, labelled: np.ndarray
) -> tuple[Optional[np.ndarray], Optional[str]]:
    """Read occlusion from the annotations.

    Args:
        faces: The N faces.
        true: Landmarks that are evaluated, (N, K, 2) px; flags say nothing about them where the
            annotated ones lie elsewhere, because a pipeline converts them.
        labelled: Whether a landmark counts, (N, K) bool.

    Returns:
        (N, K) bool, None if the annotations do not say or cannot be read; and what is to be said
        in that case.
    """
    try:
        rows = [_annotated(record, labelled.shape[1]) for record in faces.records]
    except (OSError, ValueError, TypeError) as error:
        return None, f'Occluded and visible landmarks are not told apart: {error}.'
    missing = sum(row is None for row in rows)
    if missing:
        return None, (
            f'Occluded and visible landmarks are not told apart: {missing} of {len(rows)} faces '
            f'have no flags of landmarks. They are read from {faces.source}. Name the annotation '
            'file of the dataset by `ann_file` of the metric.'
        )
    annotated = np.array(rows, dtype=np.float64).reshape(*labelled.shape, 3)
    offsets = np.abs(annotated[..., :2] - true)[labelled]
    if offsets.max(initial=0) > SAME_LANDMARK:
        return None, (
            'Occluded and visible landmarks are not told apart: the test pipeline converts the '
            f'landmarks, and their flags in {faces.source} are those of the others.'
        )
    flags = annotated[..., 2]
    if not (flags[labelled] == VISIBLE).any():
        return None, (
            f'Occluded and visible landmarks are not told apart: no landmark has the flag {VISIBLE}'
            ' (visible), so the annotation does not tell.'
        )
    return labelled & (flags == OCCLUDED), None


def _annotated(record: Optional[Mapping[str, Any]], num_landmarks: int) -> Optional[list[float]]:
    """The numbers x, y, flag of each landmark, None unless there are some for each."""
    numbers = np.asarray(landmarks_of(record or {}), dtype=np.float64).reshape(-1)
    return numbers.tolist() if len(numbers) == 3 * num_landmarks else None
