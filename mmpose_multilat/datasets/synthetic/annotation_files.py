"""Annotation files of synthetic faces, as MMPose's dataset classes read them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mmpose_multilat.landmarks import DatasetFile
from mmpose_multilat.landmarks.whole_files import replacing

from .synthetic_datasets import SyntheticDataset

DESCRIPTION = 'synthetic faces of mmpose-multilat'
"""``info.description`` of every annotation file; marks a dataset that may be overwritten."""


@dataclass(frozen=True)
class MadeFace:
    """What remains of a face once its image is on disk.

    Attributes:
        split: 'train' or 'test'.
        number: Counts the faces of both splits, from 1.
        landmarks: (K, 2) landmarks (x, y) in px, by annotation scheme.
        hidden: (K,) bool, which of them are hidden, by annotation scheme.
        subsets: Names of the test subsets that the face belongs to.
    """

    split: str
    number: int
    landmarks: dict[str, np.ndarray]
    hidden: dict[str, np.ndarray]
    subsets: frozenset[str]


def write_annotations(
    folder: Path, dataset: SyntheticDataset, made: Sequence[MadeFace], size: int
) -> list[str]:
    """Write all annotation files of a dataset; those without any face are left out.

    Args:
        folder: Folder of the dataset.
        dataset: What it is written as.
        made: All faces of both splits.
        size: Side of the images in px.

    Returns:
        The files that were written.
    """
    written = []
    for file in dataset.files:
        faces = [face for face in made if dataset.holds(file, face.split, face.subsets)]
        if faces:
            write_json(folder / file.path, annotation_file(dataset, file, faces, size))
            written.append(str(folder / file.path))
    return written


def annotation_file(
    dataset: SyntheticDataset, file: DatasetFile, faces: Sequence[MadeFace], size: int
) -> dict[str, Any]:
    """Content of one annotation file; image and annotation of a face share its number as id."""
    images, annotations = [], []
    scheme = dataset.facts.scheme.name
    for face in faces:
        path = dataset.images[face.split].format(number=face.number)
        images.append(
            {
                'id': face.number,
                'file_name': path.removeprefix(file.image_prefix),
                'height': size,
                'width': size,
            }
        )
        record = dataset.record(face.landmarks[scheme], face.hidden[scheme], size)
        annotations.append(
            {'id': face.number, 'image_id': face.number, 'category_id': 1, 'iscrowd': 0, **record}
        )
    name = 'person' if dataset.facts.folder == 'coco' else 'face'
    return {
        'info': {'description': DESCRIPTION},
        'categories': [
            {'supercategory': 'person', 'id': 1, 'name': name, 'keypoints': [], 'skeleton': []}
        ],
        'images': images,
        'annotations': annotations,
    }


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a file that appears complete or not at all."""
    with replacing(path) as part:
        part.write_text(json.dumps(content), encoding='utf-8')
