"""The datasets that synthetic faces can be written as, and which faces go into which file."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmpose_multilat.landmarks import DATASETS, DatasetFile, FaceDataset

from .annotations import (
    aflw_record,
    centre_scale_record,
    cofw_record,
    lapa_record,
    wholebody_record,
)

TRAIN, TEST = 'train', 'test'
"""Splits of synthetic faces; the test faces stand in all files of faces to validate and test."""


@dataclass(frozen=True)
class SyntheticDataset:
    """How synthetic faces are written as a dataset.

    Attributes:
        facts: What the catalogue knows of the dataset.
        record: Makes the special fields of an annotation.
        images: By split: path of an image below the folder; ``number`` counts from 1.
    """

    facts: FaceDataset
    record: Callable[[np.ndarray, np.ndarray, int], dict[str, Any]]
    images: dict[str, str]

    @property
    def files(self) -> tuple[DatasetFile, ...]:
        """The annotation files in the order of writing.

        Those that every config needs come last, so that an interrupted run leaves no complete set.
        Files that join several splits are left out.
        """
        subsets = [file for file in self.facts.files if file.subset is not None]
        return (*subsets, *reversed(self.main_files))

    @property
    def main_files(self) -> tuple[DatasetFile, ...]:
        """Annotation files without which the dataset is not complete, train first."""
        return tuple(
            file for file in self.facts.files if len(file.splits) == 1 and file.subset is None
        )

    def holds(self, file: DatasetFile, split: str, subsets: Collection[str]) -> bool:
        """Whether a face of a split belongs into a file.

        Args:
            file: One of `files`.
            split: Split of the face.
            subsets: Subsets of the face.
        """
        # A set of its own, such as the private faces of 300W, is no part of the test faces.
        is_part = file.subset is not None and file.splits == {self.facts.test}
        return split == split_of(file) and (not is_part or file.subset in subsets)


def split_of(file: DatasetFile) -> str:
    """The split of synthetic faces that a file holds."""
    return TRAIN if TRAIN in file.splits else TEST


_IMAGES = {
    TRAIN: 'images/synthetic/train/{number:06d}.jpg',
    TEST: 'images/synthetic/test/{number:06d}.jpg',
}
_NUMBERED = dict.fromkeys((TRAIN, TEST), 'images/{number:06d}.jpg')
_COCO_IMAGES = {TRAIN: 'train2017/{number:012d}.jpg', TEST: 'val2017/{number:012d}.jpg'}
_LAPA_IMAGES = {TRAIN: 'train/images/{number:06d}.jpg', TEST: 'test/images/{number:06d}.jpg'}

SYNTHETIC_DATASETS: dict[str, SyntheticDataset] = {
    name: SyntheticDataset(DATASETS[name], record, images)
    for name, record, images in (
        ('wflw', centre_scale_record, _IMAGES),
        ('300w', centre_scale_record, _IMAGES),
        ('aflw', aflw_record, _IMAGES),
        ('cofw', cofw_record, _NUMBERED),
        ('coco_wholebody_face', wholebody_record, _COCO_IMAGES),
        ('lapa', lapa_record, _LAPA_IMAGES),
    )
}
"""The datasets by name."""
