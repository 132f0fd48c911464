"""Annotation files in the COCO style that MMPose's dataset classes read."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mmpose_multilat.datasets.face.preparation.raw_data import (
    AnnotationFile,
    RawDataError,
    RawFace,
)

# WFLWDataset, Face300WDataset and AFLWDataset read scales in units of this many pixels.
PIXEL_STD = 200.0
# `bbox` of the 300W, WFLW and AFLW files is the landmarks' rectangle, a tenth wider on each side.
_MARGIN = 0.1

_CATEGORY = {
    'supercategory': 'person',
    'id': 1,
    'name': 'face',
    'keypoints': [],
    'skeleton': [],
}

Box = tuple[float, float, float, float]


def tight_box(points: np.ndarray) -> Box:
    """Rectangle of (K, 2) points: x, y, width, height in px."""
    low, high = points.min(0), points.max(0)
    return (*low.tolist(), *(high - low).tolist())


def loose_box(points: np.ndarray, size: tuple[int, int]) -> Box:
    """Rectangle of (K, 2) points, a tenth wider on each side, clipped to the image.

    Args:
        points: (K, 2) landmarks (x, y) in px.
        size: Width and height of the image in px.

    Returns:
        x, y, width, height in px. No dataset class of MMPose that reads `center` reads this box.
    """
    x, y, width, height = tight_box(points)
    margin = _MARGIN * np.array([width, height])
    last = np.array(size) - 1
    low = np.clip([x, y] - margin, 0, last)
    high = np.clip([x + width, y + height] + margin, 0, last)
    return (*low.tolist(), *(high - low).tolist())


def center_and_scale(points: np.ndarray) -> tuple[list[float], float]:
    """Centre and size of (K, 2) landmarks by HRNet's rule, which MMPose's face files follow.

    Returns:
        Centre (x, y) in px of the rectangle whose corners are rounded outwards to whole pixels,
        and its longer side in units of 200 px.
    """
    low, high = np.floor(points.min(0)), np.ceil(points.max(0))
    return ((low + high) / 2).tolist(), float((high - low).max() / PIXEL_STD)


class CocoWriter:
    """Writes the annotation files of one dataset; images and faces keep their ids in all.

    Args:
        sizes: (width, height) in px by the path of an image below the folder of the dataset.
        description: What `info.description` of the files says.
    """

    def __init__(self, sizes: Mapping[str, tuple[int, int]], description: str) -> None:
        self.sizes, self.description = sizes, description
        self._image_ids: dict[str, int] = {}
        # The face is kept beside its id, so that Python cannot give its identity to another one.
        self._face_ids: dict[int, tuple[int, RawFace]] = {}

    def write(self, file: AnnotationFile, path: Path) -> int:
        """Write an annotation file.

        Returns:
            Number of its images.

        Raises:
            RawDataError: If a face has landmarks that are not finite or have no extent, or an empty
                box.
        """
        document = self.document(file)
        text = json.dumps(document, default=_plain, allow_nan=False)
        path.write_text(text, encoding='utf-8')
        return len(document['images'])

    def document(self, file: AnnotationFile) -> dict[str, Any]:
        """Content of an annotation file."""
        images: dict[int, dict[str, Any]] = {}
        annotations = []
        for face in file.faces:
            name = f'{file.folder}/{face.image}' if file.folder else face.image
            image_id = self._image_ids.setdefault(name, len(self._image_ids) + 1)
            width, height = self.sizes[name]
            images[image_id] = dict(id=image_id, file_name=face.image, height=height, width=width)
            annotations.append(self._annotation(face, image_id))
        return {
            'info': {'description': self.description},
            'categories': [_CATEGORY],
            'images': list(images.values()),
            'annotations': annotations,
        }

    def _annotation(self, face: RawFace, image_id: int) -> dict[str, Any]:
        face_id, _ = self._face_ids.setdefault(id(face), (len(self._face_ids) + 1, face))
        fields = {'id': face_id, 'image_id': image_id, 'category_id': 1, 'iscrowd': 0}
        return {**fields, **face_record(face)}


def face_record(face: RawFace) -> dict[str, Any]:
    """Fields of an annotation that follow from the face alone.

    Raises:
        RawDataError: See `CocoWriter.write`.
    """
    keypoints = np.asarray(face.keypoints, dtype=np.float64)
    labelled = keypoints[keypoints[:, 2] > 0, :2]
    problem = _problem(keypoints, labelled, face)
    if problem:
        raise RawDataError(Path(face.image), problem)
    box = [float(value) for value in face.box or tight_box(labelled)]
    center, scale = center_and_scale(labelled)
    record = {
        'keypoints': keypoints.ravel().tolist(),
        'num_keypoints': len(labelled),
        'bbox': box,
        'area': box[2] * box[3],
        'center': center,
        'scale': scale,
    }
    return {**record, **face.fields}


def _problem(keypoints: np.ndarray, labelled: np.ndarray, face: RawFace) -> str:
    """Why MMPose could not use a face, or nothing; its classes leave such faces out silently."""
    if not np.isfinite(keypoints).all() or not np.isfinite(face.box or 0.0).all():
        return 'a landmark or the box is not a finite number'
    if not len(labelled) or not np.ptp(labelled, axis=0).all():
        return 'the landmarks have no extent in x or y'
    if face.box and min(face.box[2:]) <= 0:
        return f'the face box {tuple(face.box)} (x, y, width, height) is empty'
    return ''


def _plain(value: Any) -> Any:
    """Numbers and arrays of numpy as JSON knows them."""
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    raise TypeError(f'{type(value).__name__} cannot be written as JSON')
