"""The annotation records of the datasets, as MMPose reads them.

Every function takes a face's landmarks (K, 2) in px, whether each is hidden (K,), and the side of
the square image in px, and returns the fields that are special to its dataset.
"""

from __future__ import annotations

from typing import Any

import numpy as np

# MMPose's face datasets give scales in units of this many pixels.
PIXEL_STD = 200.0
# ``bbox`` of the released files is the tight box enlarged by a tenth on each side.
_BOX_MARGIN = 0.1
# Released AFLW squares: the tight box measures 0.64 of their side (geometric mean of its sides),
# and the chin lies at 0.93 of their height.
_AFLW_TIGHT_SHARE, _AFLW_CHIN = 0.64, 0.93
_DECIMALS = 4
# Keys of COCO-WholeBody that an annotation of a face alone leaves empty: name -> number of points.
_OTHER_PARTS = {'foot': 6, 'lefthand': 21, 'righthand': 21}
_BODY_POINTS = 17


def flat_keypoints(points: np.ndarray, flags: np.ndarray) -> list[float]:
    """(K, 2) points and (K,) flags to the list x0, y0, v0, x1, ..."""
    table = np.concatenate([np.round(points, _DECIMALS), flags[:, None]], axis=1)
    return [float(value) for value in table.ravel()]


def tight_box(points: np.ndarray) -> tuple[float, float, float, float]:
    """(x, y, width, height) of the rectangle that encloses the points."""
    low, high = points.min(axis=0), points.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1])


def enlarged_box(points: np.ndarray, size: int) -> list[float]:
    """Tight box enlarged by a tenth on each side and clipped to the image: [x, y, w, h]."""
    low, high = points.min(axis=0), points.max(axis=0)
    margin = _BOX_MARGIN * (high - low)
    low = np.clip(low - margin, 0, size - 1)
    high = np.clip(high + margin, 0, size - 1)
    return [round(float(value), _DECIMALS) for value in (*low, *(high - low))]


def _common(points: np.ndarray, flags: np.ndarray, box: list[float]) -> dict[str, Any]:
    return {
        'keypoints': flat_keypoints(points, flags),
        'num_keypoints': len(points),
        'bbox': box,
        'area': box[2] * box[3],
    }


def centre_scale_record(points: np.ndarray, hidden: np.ndarray, size: int) -> dict[str, Any]:
    """WFLW and 300W: ``center`` and ``scale`` of the tight box rounded outwards to whole pixels."""
    low, high = np.floor(points.min(axis=0)), np.ceil(points.max(axis=0))
    record = _common(points, np.ones(len(points)), enlarged_box(points, size))
    record.update(
        center=[float(value) for value in (low + high) / 2],
        scale=float((high - low).max() / PIXEL_STD),
    )
    return record


def aflw_record(points: np.ndarray, hidden: np.ndarray, size: int) -> dict[str, Any]:
    """AFLW: ``center`` and ``scale`` of a square face box, and its side as ``box_size``."""
    x, y, width, height = tight_box(points)
    side = float(round(np.sqrt(width * height) / _AFLW_TIGHT_SHARE))
    top = y + height - _AFLW_CHIN * side
    record = _common(points, np.ones(len(points)), enlarged_box(points, size))
    record.update(
        center=[float(round(x + width / 2)), float(round(top + side / 2))],
        scale=side / PIXEL_STD,
        box_size=side,
    )
    return record


def cofw_record(points: np.ndarray, hidden: np.ndarray, size: int) -> dict[str, Any]:
    """COFW: flags 2 for visible and 1 for occluded points, a face box in whole pixels."""
    box = [float(round(value)) for value in enlarged_box(points, size)]
    return _common(points, np.where(hidden, 1.0, 2.0), box)


def lapa_record(points: np.ndarray, hidden: np.ndarray, size: int) -> dict[str, Any]:
    """LaPa: flag 2 for every point, the tight box, as `prepare_data` writes it."""
    box = [round(value, _DECIMALS) for value in tight_box(points)]
    return _common(points, np.full(len(points), 2.0), box)


def wholebody_record(points: np.ndarray, hidden: np.ndarray, size: int) -> dict[str, Any]:
    """COCO-WholeBody: the face in ``face_kpts`` and ``face_box``; body and hands are empty."""
    record: dict[str, Any] = {
        'bbox': [0.0, 0.0, float(size), float(size)],
        'area': float(size * size),
        'segmentation': [],
        'keypoints': [0] * (3 * _BODY_POINTS),
        'num_keypoints': 0,
        'face_box': [round(value, _DECIMALS) for value in tight_box(points)],
        'face_kpts': flat_keypoints(points, np.ones(len(points))),
        'face_valid': True,
    }
    for part, count in _OTHER_PARTS.items():
        record[f'{part}_kpts'] = [0.0] * (3 * count)
        record[f'{part}_valid'] = False
        if part != 'foot':
            record[f'{part}_box'] = [0.0] * 4
    return record
