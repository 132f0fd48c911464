"""Labels in MMPose's samples."""

from collections.abc import Sequence

import torch
from mmpose.structures import PoseDataSample
from torch import Tensor

from mmpose_multilat.landmarks.sample_fields import require_fields


def instance_labels(samples: Sequence[PoseDataSample], names: Sequence[str]) -> list[Tensor]:
    """Labels of instances, for each name those of the samples one after the other.

    Raises:
        ValueError: If a sample lacks one.
    """
    for sample in samples:
        require_fields(sample, ['gt_instance_labels'], 'a sample')
        require_fields(sample.gt_instance_labels, names, 'gt_instance_labels of a sample')
    return [torch.cat([sample.gt_instance_labels[name] for sample in samples]) for name in names]


def heatmap_labels(samples: Sequence[PoseDataSample]) -> Tensor:
    """Return the (B, K, H, W) heatmaps that were encoded for B samples.

    Raises:
        ValueError: If a sample lacks them.
    """
    for sample in samples:
        require_fields(sample, ['gt_fields'], 'a sample')
        require_fields(sample.gt_fields, ['heatmaps'], 'gt_fields of a sample')
    return torch.stack([sample.gt_fields.heatmaps for sample in samples])


def true_landmarks(samples: Sequence[PoseDataSample], device: torch.device) -> Tensor:
    """Return the labelled landmarks of B samples, one face each.

    Args:
        samples: Samples as `PackPoseInputs` packs them.
        device: Where the landmarks are wanted.

    Returns:
        (B, K, 2) landmarks (x, y) in input px.

    Raises:
        ValueError: If the samples hold none.
    """
    found = [_of_sample(sample) for sample in samples]
    return torch.cat([torch.as_tensor(each, dtype=torch.float32) for each in found]).to(device)


def _of_sample(sample: PoseDataSample) -> Tensor:
    """(1, K, 2) landmarks that the codec has encoded, or that the transforms have left."""
    labels, instances = (sample.get(name, {}) for name in ('gt_instance_labels', 'gt_instances'))
    if 'keypoint_labels' in labels:
        return labels.keypoint_labels
    if 'transformed_keypoints' in instances:
        return instances.transformed_keypoints
    raise ValueError(
        'the samples hold no landmarks in px of the input: encode with a heatmap codec of '
        'mmpose_multilat, or set pack_transformed=True in PackPoseInputs of the training pipeline'
    )
