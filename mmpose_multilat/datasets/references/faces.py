"""The faces of a dataset as references: crops of one size with their landmarks."""

import hashlib
import os
from functools import cached_property
from typing import NamedTuple, Optional

import numpy as np
from mmcv.transforms import Compose
from mmengine.dataset import BaseDataset
from mmpose.datasets.transforms import GetBBoxCenterScale, LoadImage, TopdownAffine

from mmpose_multilat.landmarks.checks import check_positive, check_size

from .face import ReferenceFace, face_key, labels_of
from .shapes import distances_to_mean

SIZE = (128, 128)
"""Of a reference image in the paper, (w, h) in px."""

PADDING = 1.25
"""What the box of a face is enlarged by, as in MMPose's `GetBBoxCenterScale`."""


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
        landmarks, visible = labels_of(results['transformed_keypoints'], results)
        image = np.ascontiguousarray(results['img'].transpose(2, 0, 1))
        return ReferenceFace(image, landmarks, visible)

    def neutral(self, path: Optional[str] = None) -> int:
        """Return the face that looks straight ahead, without reading an image.

        It is the nearest to the mean of all shapes and their flipped images, which are compared
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
                *labels_of(info['keypoints'], info),
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
