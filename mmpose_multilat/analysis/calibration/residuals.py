"""Errors and predicted covariances of a network's landmarks over a test set."""

import json
import os.path
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

import numpy as np
from mmpose.models import TopdownPoseEstimator
from mmpose.structures import PoseDataSample
from torch.utils.data import DataLoader

from mmpose_multilat.analysis.flip_test import has_flip_test
from mmpose_multilat.analysis.views import look_through
from mmpose_multilat.landmarks.sample_fields import require_fields
from mmpose_multilat.settings import plain_datasets


@dataclass(frozen=True)
class Residuals:
    """N faces with K landmarks as decoders have found them, in input px.

    Attributes:
        errors: Label of the decoder -> (N, K, 2) predicted minus true landmark (x, y); NaN where a
            landmark is not labelled.
        covariances: Label -> (N, K, 2, 2); NaN where the decoder does not trust its landmark.
        groups: Group of each face, such as its person; N.
        grouped: Whether the annotations name groups; if not, every image is one.
    """

    errors: dict[str, np.ndarray]
    covariances: dict[str, np.ndarray]
    groups: list[str]
    grouped: bool


def measure_residuals(
    model: TopdownPoseEstimator, loader: DataLoader, decoders: Mapping[str, Any], group: str
) -> Residuals:
    """Run the network once over a test set and decode with every decoder, with a progress bar.

    Args:
        model: A pose estimator in evaluation mode; flip test as it is set.
        loader: The test set.
        decoders: Decoders that estimate covariances, by label.
        group: Field of an annotation or its image record that names the group of a face.

    Returns:
        What they have found.

    Raises:
        ValueError: If the test set cannot be read, the network does not fit the codec or the
            dataset, a decoder or head estimates no covariances, or samples name neither group nor
            image.
    """
    errors: dict[str, list[np.ndarray]] = {label: [] for label in decoders}
    covariances: dict[str, list[np.ndarray]] = {label: [] for label in decoders}
    groups: list[Optional[str]] = []
    paths: list[str] = []
    records, flip_test = image_records(loader.dataset), has_flip_test(model)
    for views in look_through(model, loader):
        true = views.true
        for label, codec in decoders.items():
            found = views.locate(codec, flip_test, covariances=True)
            errors[label].append(found.coordinates.cpu().numpy() - true)
            covariances[label].append(found.covariances.cpu().numpy())
        for sample in views.samples:
            groups.append(group_of(sample, records, group))
            if groups[-1] is None:
                require_fields(sample.metainfo, ['img_path'], 'the meta information of a sample')
            paths.append(str(sample.get('img_path')))
    return Residuals(
        {label: np.concatenate(each) for label, each in errors.items()},
        {label: np.concatenate(each) for label, each in covariances.items()},
        # An image without a group is its own; the prefix keeps it apart from all names.
        [f'group {name}' if name else f'image {path}' for name, path in zip(groups, paths)],
        any(groups),
    )


def image_records(dataset: Any) -> dict[Any, dict[str, Any]]:
    """The records of images in annotation files, which MMPose's datasets do not keep.

    Args:
        dataset: A dataset of MMPose or a wrapper of some; nothing is found if its annotations are
            not in COCO format.

    Returns:
        Path of an image -> its record; of a plain dataset also its id -> its record. Several
        datasets may use an id twice.
    """
    plain = list(plain_datasets(dataset))
    found = [(_folder(each), image) for each in plain for image in _images(each)]
    by_path = {os.path.join(folder, image.get('file_name', '')): image for folder, image in found}
    by_id = {image['id']: image for _, image in found} if len(plain) == 1 else {}
    return {**by_path, **by_id}


def _folder(dataset: Any) -> str:
    """The folder that a plain dataset looks for its images in."""
    prefix = getattr(dataset, 'data_prefix', None) or {}
    return prefix.get('img', '')


def _images(dataset: Any) -> list[dict[str, Any]]:
    """The records of the images of a plain dataset."""
    path = Path(getattr(dataset, 'ann_file', None) or '')
    if path.suffix != '.json' or not path.is_file():
        return []
    content = json.loads(path.read_text(encoding='utf-8'))
    return content.get('images', []) if isinstance(content, dict) else []


def group_of(
    sample: PoseDataSample, records: Mapping[Any, Mapping[str, Any]], field: str
) -> Optional[str]:
    """The group of a face as its annotation or its image record names it, None if neither.

    Args:
        sample: The face.
        records: What `image_records` has returned.
        field: Name of the field.
    """
    about = sample.metainfo
    annotation = about.get('raw_ann_info') or {}
    image = records.get(about.get('img_path'), records.get(about.get('img_id'), {}))
    value = annotation.get(field, image.get(field))
    return None if value is None else str(value)
