"""Errors and predicted covariances of a network's landmarks over a test set."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

import numpy as np
from mmengine.structures import InstanceData
from mmpose.models import TopdownPoseEstimator
from mmpose.structures import PoseDataSample
from torch import Tensor
from torch.utils.data import DataLoader

from mmpose_multilat.models.pose_estimators import (
    COVARIANCES,
    average_mirrored,
    codecs_with_covariances,
    knows_covariances,
)
from mmpose_multilat.tools.benchmarking.decoders import choose_decoders
from mmpose_multilat.tools.benchmarking.loading import read_batches
from mmpose_multilat.tools.benchmarking.passes import Heatmaps, check_sizes, prepare
from mmpose_multilat.tools.command_line import UserError
from mmpose_multilat.tools.decoder_comparison import own_heatmaps


@dataclass(frozen=True)
class Located:
    """N faces with K landmarks as decoders have found them, in input px.

    Attributes:
        errors: Label of the decoder -> (N, K, 2) predicted minus true landmark (x, y); NaN where a
            landmark is not labelled.
        covariances: Label -> (N, K, 2, 2); NaN where the decoder does not trust its landmark.
        groups: Group of each face, such as its person; N.
        grouped: Whether the annotations name groups; if not, every picture is one.
    """

    errors: dict[str, np.ndarray]
    covariances: dict[str, np.ndarray]
    groups: list[str]
    grouped: bool


def decoders_with_covariances(codec: Any, words: Sequence[str]) -> dict[str, Any]:
    """The decoders that a user asks for, or all that tell covariances.

    Args:
        codec: The head's codec.
        words: As `choose_decoders` takes them.

    Returns:
        Decoders by label.

    Raises:
        UserError: If one that was asked for tells no covariances.
    """
    chosen = choose_decoders(codec, words)
    silent = [label for label, each in chosen.items() if not knows_covariances(each)]
    if words and silent:
        able = ', '.join(codecs_with_covariances())
        raise UserError(f'--decoders {silent[0]}: tells no covariances; choose from {able}')
    return {label: each for label, each in chosen.items() if label not in silent}


def locate_faces(
    model: TopdownPoseEstimator, loader: DataLoader, decoders: Mapping[str, Any], group: str
) -> Located:
    """Run the network once over a test set and decode with every decoder, with a progress bar.

    Args:
        model: A pose estimator with a heatmap head, in evaluation mode; flip test as it is set.
        loader: The test set.
        decoders: Decoders that tell covariances, by label.
        group: Field of an annotation or its picture record that names the group of a face.

    Returns:
        What they have found.

    Raises:
        UserError: If the network does not fit the codec or the data set.
    """
    errors: dict[str, list[np.ndarray]] = {label: [] for label in decoders}
    covariances: dict[str, list[np.ndarray]] = {label: [] for label in decoders}
    groups: list[Optional[str]] = []
    paths: list[str] = []
    pictures = picture_records(loader.dataset)
    for batch in read_batches(loader):
        inputs, samples = prepare(model, batch)
        heatmaps = own_heatmaps(model, inputs, samples)
        first = heatmaps[0] if isinstance(heatmaps, tuple) else heatmaps
        check_sizes(model.head.decoder, first, loader.dataset.metainfo['num_keypoints'])
        true = [true_landmarks(sample) for sample in samples]
        for label, codec in decoders.items():
            found = decode(codec, heatmaps, samples)
            errors[label] += [each.keypoints[0] - place for each, place in zip(found, true)]
            covariances[label] += [each[COVARIANCES][0] for each in found]
        groups += [group_of(sample, pictures, group) for sample in samples]
        paths += [str(sample.metainfo['img_path']) for sample in samples]
    return Located(
        {label: np.stack(each) for label, each in errors.items()},
        {label: np.stack(each) for label, each in covariances.items()},
        # A picture without a group is its own; the prefix keeps it apart from all names.
        [f'group {name}' if name else f'picture {path}' for name, path in zip(groups, paths)],
        any(groups),
    )


def decode(codec: Any, heatmaps: Heatmaps, samples: Sequence[PoseDataSample]) -> list[InstanceData]:
    """Landmarks in input px with covariances, averaged as the flip test of the estimator does.

    Args:
        codec: A codec that tells covariances.
        heatmaps: (B, K, H, W) heatmaps, or those of pictures and of their mirror images.
        samples: B samples.

    Returns:
        B instances with `keypoints`, `keypoint_scores` and `keypoint_covariances`.
    """
    if not isinstance(heatmaps, tuple):
        return _decode_once(codec, heatmaps)
    width, flip_indices = codec.input_size[0], samples[0].metainfo['flip_indices']
    pairs = zip(*(_decode_once(codec, each) for each in heatmaps))
    return [average_mirrored(*pair, width, flip_indices) for pair in pairs]


def _decode_once(codec: Any, heatmaps: Tensor) -> list[InstanceData]:
    names = 'keypoints', 'keypoint_scores', COVARIANCES
    faces = zip(*codec.batch_decode_with_covariance(heatmaps))
    return [InstanceData(**dict(zip(names, face))) for face in faces]


def true_landmarks(sample: PoseDataSample) -> np.ndarray:
    """(K, 2) annotated landmarks (x, y) in input px, NaN where they are not labelled.

    The inverse of what `TopdownPoseEstimator.add_pred_to_datasample` does with predictions.
    """
    known, about = sample.gt_instances, sample.metainfo
    centre, scale, size = (
        np.asarray(about[f'input_{name}'], np.float64) for name in ('center', 'scale', 'size')
    )
    visible = np.asarray(known.keypoints_visible[0])
    labelled = (visible[..., 0] if visible.ndim > 1 else visible) > 0
    places = (np.asarray(known.keypoints[0], np.float64) - centre + scale / 2) / scale * size
    return np.where(labelled[:, None], places, np.nan)


def picture_records(dataset: Any) -> dict[Any, dict[str, Any]]:
    """Id of a picture -> its record in the annotation file, which MMPose's data sets do not keep.

    Args:
        dataset: A data set of MMPose; nothing is found if its annotations are not in COCO format.
    """
    path = Path(getattr(dataset, 'ann_file', None) or '')
    if path.suffix != '.json' or not path.is_file():
        return {}
    content = json.loads(path.read_text(encoding='utf-8'))
    pictures = content.get('images', []) if isinstance(content, dict) else []
    return {picture['id']: picture for picture in pictures}


def group_of(
    sample: PoseDataSample, pictures: Mapping[Any, Mapping[str, Any]], field: str
) -> Optional[str]:
    """The group of a face as its annotation or its picture record names it, None if neither."""
    annotation = sample.metainfo.get('raw_ann_info') or {}
    picture = pictures.get(sample.metainfo.get('img_id'), {})
    value = annotation.get(field, picture.get(field))
    return None if value is None else str(value)
