"""Labels of landmarks in MMPose's samples."""

from collections.abc import Sequence

import torch
from mmpose.structures import PoseDataSample
from torch import Tensor


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


def landmark_weights(samples: Sequence[PoseDataSample]) -> Tensor:
    """(B, K) weights of the landmarks of B samples."""
    return torch.cat([sample.gt_instance_labels.keypoint_weights for sample in samples])


def _of_sample(sample: PoseDataSample) -> Tensor:
    """(1, K, 2) landmarks that the codec has encoded, or that the transforms have left."""
    labels, instances = sample.gt_instance_labels, sample.get('gt_instances', {})
    if 'keypoint_labels' in labels:
        return labels.keypoint_labels
    if 'transformed_keypoints' in instances:
        return instances.transformed_keypoints
    raise ValueError(
        'the samples hold no landmarks in px of the input: encode with a heatmap codec of '
        'mmpose_multilat, or set pack_transformed=True in PackPoseInputs of the training pipeline'
    )
