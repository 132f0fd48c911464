"""Annotated faces as they stand in MMPose's crops, without their images."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Optional

import numpy as np

from mmpose_multilat.errors import blame_user
from mmpose_multilat.evaluation import Predictions
from mmpose_multilat.evaluation.ends import as_ends
from mmpose_multilat.evaluation.normalisers import check_scheme
from mmpose_multilat.landmarks import DATASETS, FaceDataset, LandmarkScheme

from .files import read_annotations

INPUT_SIZE = (256, 256)
CROP_PADDING = 1.25
"""MMPose's crop: 1.25 times the longer side of the box."""


def read_faces(
    path: Path, normalisers: Sequence[str], eyes: Optional[Sequence[int]] = None
) -> Predictions:
    """Read an annotation file.

    Args:
        path: .npz or .json file, see `read_annotations`.
        normalisers: What errors will be divided by, keys of `NORMALISERS`.
        eyes: Outer eye corners; those of the annotation scheme with as many landmarks by default.

    Returns:
        The faces with landmarks and boxes in px of a 256 x 256 crop; as predicted stands what is
        true.

    Raises:
        UserError: If the file is missing or something else, or a normaliser is not known for it.
    """
    keypoints, boxes = read_annotations(path)
    dataset = first_dataset(keypoints.shape[1])
    scheme = dataset.scheme
    with blame_user(str(path)):
        if eyes is not None:
            scheme = replace(scheme, eyes=as_ends(list(eyes), '`eyes`', scheme.num_landmarks))
        for normaliser in normalisers:
            check_scheme(scheme, normaliser, dataset.name)
    cropped = crop_landmarks(keypoints, boxes)
    corners = np.stack((boxes[:, :2], boxes[:, :2] + boxes[:, 2:]), 1)  # (N, 2, 2)
    return Predictions(
        predicted=cropped,
        true=cropped,
        labelled=np.isfinite(cropped).all(2),
        occluded=None,
        scores=np.ones(cropped.shape[:2]),
        boxes=crop_landmarks(corners, boxes).reshape(-1, 4),
        images=[f'{path.name}, face {face}' for face in range(len(cropped))],
        ids=list(range(len(cropped))),
        dataset=dataset.name,
        scheme=scheme,
    )


def first_dataset(num_landmarks: int) -> FaceDataset:
    """The first known dataset with so many landmarks, or a nameless one without facts."""
    for dataset in DATASETS.values():
        if dataset.scheme.num_landmarks == num_landmarks:
            return dataset
    return FaceDataset('', LandmarkScheme(num_landmarks))


def crop_landmarks(keypoints: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Landmarks as they stand in MMPose's 256 px crops.

    Args:
        keypoints: (N, K, 2) landmarks (x, y) in px of the image.
        boxes: (N, 4) boxes (x, y, w, h) in px of the image.

    Returns:
        (N, K, 2) landmarks (x, y) in input px.
    """
    centres = boxes[:, None, :2] + boxes[:, None, 2:] / 2
    sides = CROP_PADDING * boxes[:, 2:].max(1)[:, None, None]
    return (keypoints - centres) / sides * INPUT_SIZE + np.array(INPUT_SIZE) / 2
