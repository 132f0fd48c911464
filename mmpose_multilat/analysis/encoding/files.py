"""Landmarks and boxes of faces as annotation files hold them."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from mmpose_multilat.errors import UserError
from mmpose_multilat.evaluation.predictions import UNREADABLE

ARRAYS = dict(keypoints='(N, K, 2)', bbox='(N, 4)')
"""What an .npz file must hold, with the shapes."""


def read_annotations(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read landmarks and boxes.

    Args:
        path: An .npz file with `keypoints` (N, K, 2: x, y; NaN where a landmark is not annotated)
            and `bbox` (N, 4: x, y, width, height), both in px of the image; or an annotation file
            of a face dataset of MMPose (.json), whose boxes are not read: a face's box is the
            tight box of its landmarks.

    Returns:
        (N, K, 2) landmarks and (N, 4) boxes in float64, every box with a size.

    Raises:
        UserError: If the file is missing or something else.
    """
    if not path.is_file():
        raise UserError(f'{path} does not exist')
    keypoints, boxes = (_read_json if path.suffix == '.json' else _read_npz)(path)
    _check_shapes(path, keypoints, boxes)
    usable = np.isfinite(boxes).all(1) & (boxes[:, 2:] > 0).any(1)
    if not usable.all():
        raise UserError(
            f'{path}: the bbox of face {np.flatnonzero(~usable)[0]} (counted from 0) has no size'
        )
    return keypoints, boxes


def _read_npz(path: Path) -> tuple[np.ndarray, np.ndarray]:
    try:
        with np.load(path) as archive:
            found = {name: archive[name].astype(np.float64) for name in ARRAYS if name in archive}
    except (*UNREADABLE, OSError) as error:
        raise UserError(f'{path} is no .npz file of arrays ({error})') from error
    missing = sorted(set(ARRAYS) - set(found))
    if missing:
        wanted = ' and '.join(f'{name} {shape}' for name, shape in ARRAYS.items())
        raise UserError(f'{path} has no {" and no ".join(missing)}; it needs {wanted}')
    return found['keypoints'], found['bbox']


def _read_json(path: Path) -> tuple[np.ndarray, np.ndarray]:
    try:
        records = json.loads(path.read_text(encoding='utf-8'))['annotations']
        faces = [landmarks for record in records if (landmarks := _landmarks(record))]
        table = np.array(faces, dtype=np.float64).reshape(len(faces), -1, 3)
    except (ValueError, TypeError, KeyError, AttributeError, OSError) as error:
        raise UserError(
            f'{path} is no annotation file of a face dataset of MMPose ({error!r})'
        ) from error
    keypoints = np.where(table[..., 2:] > 0, table[..., :2], np.nan)
    return keypoints, _tight_boxes(keypoints)


def _landmarks(record: dict[str, Any]) -> list[float]:
    """x, y, flag of each landmark in a row; empty for an annotation without a face."""
    # COCO-WholeBody's `keypoints` are those of the body.
    landmarks = record['face_kpts' if 'face_kpts' in record else 'keypoints']
    return landmarks if any(landmarks[2::3]) and record.get('face_valid', True) else []


def _tight_boxes(keypoints: np.ndarray) -> np.ndarray:
    """(N, 4) boxes x, y, width, height of (N, K, 2) landmarks, each with one that is annotated."""
    if keypoints.size == 0:
        return np.empty((len(keypoints), 4))
    low, high = np.nanmin(keypoints, 1), np.nanmax(keypoints, 1)
    return np.concatenate((low, high - low), 1)


def _check_shapes(path: Path, keypoints: np.ndarray, boxes: np.ndarray) -> None:
    right = keypoints.ndim == 3 and keypoints.shape[2] == 2 and len(keypoints)
    if not right or boxes.shape != (len(keypoints), 4):
        raise UserError(
            f'{path} needs keypoints (N, K, 2) and bbox (N, 4), N at least 1; it has keypoints '
            f'{keypoints.shape} and bbox {boxes.shape}'
        )
