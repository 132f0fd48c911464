"""The faces of a dataset as references: crops of one size with their landmarks."""

import hashlib
import os
from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple, Optional

import numpy as np
from mmcv.image import imflip
from mmcv.transforms import Compose
from mmengine.dataset import BaseDataset
from mmpose.datasets.transforms import GetBBoxCenterScale, LoadImage, TopdownAffine
from mmpose.structures.keypoint import flip_keypoints
from PIL import Image

from mmpose_multilat.codecs.labels import VISIBLE
from mmpose_multilat.landmarks.checks import check_positive, check_size

from .shapes import distances_to_mean

SIZE = (128, 128)
"""Of a reference image in the paper, (w, h) in px."""

PADDING = 1.25
"""What the box of a face is enlarged by, as in MMPose's `GetBBoxCenterScale`."""


class ReferenceFace(NamedTuple):
    """A face with known landmarks.

    Attributes:
        image: (3, h, w) uint8 crop, channels in the order of OpenCV (blue first).
        landmarks: (K, 2) float32 landmarks (x, y) in px of the crop, 0 where not finite.
        visible: (K,) float32, 1 where a landmark has a label, else 0.
    """

    image: np.ndarray
    landmarks: np.ndarray
    visible: np.ndarray


class ReferenceFaces:
    """The faces of a dataset, cut out as a test pipeline cuts its input.

    Args:
        dataset: A top-down dataset of MMPose; its pipeline is not used.
        size: Size (w, h) of the crops in px.
        padding: What boxes are enlarged by.

    Raises:
        ValueError: If an argument is out of its range.
    """

    def __init__(
        self, dataset: BaseDataset, size: tuple[int, int] = SIZE, padding: float = PADDING
    ) -> None:
        self.dataset = dataset
        self.size = check_size('size', size)
        self.padding = check_positive('padding', padding)
        self._cut = Compose(
            [LoadImage(), GetBBoxCenterScale(self.padding), TopdownAffine(self.size)]
        )

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> ReferenceFace:
        """Cut out a face; reads its image."""
        results = self._cut(self.dataset.get_data_info(index))
        landmarks, visible = _labels(results['transformed_keypoints'], results)
        image = np.ascontiguousarray(results['img'].transpose(2, 0, 1))
        return ReferenceFace(image, landmarks, visible)

    def neutral(self, path: Optional[str] = None) -> int:
        """Return the face that looks straight ahead, without reading an image.

        It is the nearest to the mean of all shapes and their mirror images, which are compared
        after their place and size are taken away, but not their turn: the face is upright.

        Args:
            path: File of an image; the nearest face that is not on it.

        Raises:
            ValueError: If no such face has labels for all landmarks.
        """
        for index in self._by_neutrality:
            if path is None or self._records[index].file != os.path.abspath(path):
                return int(index)
        raise ValueError(
            "reference='neutral' needs a face with labels for all landmarks on another image, and "
            "there is none; use 'random'"
        )

    def of_other_images(self, path: str) -> np.ndarray:
        """Return the indices of the faces that are not on an image, in ascending order.

        Args:
            path: File of the image; a face on it is never its own reference.

        Raises:
            ValueError: If there is none.
        """
        files, image_of_face = self._images
        others = np.flatnonzero(image_of_face != files.get(os.path.abspath(path), -1))
        if not len(others):
            raise ValueError(
                f'all {len(self)} reference faces are on {path}, the image of the face that they '
                'would guide; take references from a dataset of more images'
            )
        return others

    @property
    def keys(self) -> list[str]:
        """What names each face, see `face_key`."""
        return [record.key for record in self._records]

    @cached_property
    def digest(self) -> str:
        """Stands for all faces in their order; another for other files, boxes or faces."""
        return hashlib.sha256('\n'.join(self.keys).encode()).hexdigest()

    @cached_property
    def _records(self) -> list['_Record']:
        """What the annotations tell of each face, read once."""
        infos = map(self.dataset.get_data_info, range(len(self)))
        return [
            _Record(
                os.path.abspath(info['img_path']),
                face_key(info),
                *_labels(info['keypoints'], info),
            )
            for info in infos
        ]

    @cached_property
    def _images(self) -> tuple[dict[str, int], np.ndarray]:
        """A number for each file, and (N,) that of each face."""
        files = [record.file for record in self._records]
        numbers = {file: number for number, file in enumerate(dict.fromkeys(files))}
        return numbers, np.array([numbers[file] for file in files])

    @cached_property
    def _by_neutrality(self) -> np.ndarray:
        """Indices of the faces with all labels, the nearest to the mean shape first."""
        complete = [i for i, record in enumerate(self._records) if record.visible.all()]
        if not complete:
            return np.array(complete, int)
        landmarks = np.stack([self._records[index].landmarks for index in complete])
        distances = distances_to_mean(landmarks, self.dataset.metainfo['flip_indices'])
        return np.array(complete)[distances.argsort(kind='stable')]


class _Record(NamedTuple):
    """Where a face is, and its landmarks in px of its image."""

    file: str
    key: str
    landmarks: np.ndarray
    visible: np.ndarray


def face_key(info: dict[str, Any]) -> str:
    """Name a face by its file and its box, wherever the data lie and whatever file lists it.

    Args:
        info: What a dataset tells of a face: `img_path` and `bbox` (1, 4) in px.
    """
    box = ' '.join(f'{side:.1f}' for side in np.asarray(info['bbox'], np.float64).reshape(-1))
    return f'{os.path.basename(info["img_path"])} {box}'


def flipped(face: ReferenceFace, partners: Sequence[int], direction: str) -> ReferenceFace:
    """Flip a face as MMPose's `RandomFlip` flips its target.

    Args:
        face: The face.
        partners: For each landmark the one that takes its place.
        direction: 'horizontal', 'vertical' or 'diagonal'.
    """
    height, width = face.image.shape[1:]
    landmarks, visible = flip_keypoints(
        face.landmarks[None], face.visible[None], (width, height), partners, direction
    )
    image = imflip(face.image.transpose(1, 2, 0), direction).transpose(2, 0, 1)
    return ReferenceFace(
        np.ascontiguousarray(image), np.asarray(landmarks[0], np.float32), visible[0]
    )


def reduced(face: ReferenceFace, resolution: int) -> ReferenceFace:
    """Take fine detail away: shrink the image and enlarge it again, both bicubic (table VII).

    Pillow shrinks as super-resolution does, with a wider filter; OpenCV would leave pixels out.

    Args:
        face: The face; its landmarks stay as they are.
        resolution: Side of the small image in px.
    """
    size = face.image.shape[2], face.image.shape[1]
    image = Image.fromarray(np.ascontiguousarray(face.image.transpose(1, 2, 0)))
    for each in ((resolution, resolution), size):
        image = image.resize(each, Image.Resampling.BICUBIC)
    return face._replace(image=np.ascontiguousarray(np.asarray(image).transpose(2, 0, 1)))


def _labels(keypoints: np.ndarray, info: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """(K, 2) landmarks and (K,) whether they have a label, of one face."""
    landmarks = np.asarray(keypoints[0, :, :2], np.float32)
    visible = info['keypoints_visible'][0]
    visible = visible if visible.ndim == 1 else visible[:, 0]
    labelled = np.isfinite(landmarks).all(-1) & (visible >= VISIBLE)
    landmarks = np.nan_to_num(landmarks, nan=0, posinf=0, neginf=0)
    return landmarks, labelled.astype(np.float32)
