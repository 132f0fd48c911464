"""Annotated landmarks where the network sees them."""

import numpy as np
from mmpose.structures import PoseDataSample

from mmpose_multilat.landmarks.sample_fields import KNOWN, require_fields
from mmpose_multilat.models.pose_estimators import crop_of


def true_landmarks(sample: PoseDataSample) -> np.ndarray:
    """(K, 2) annotated landmarks (x, y) in input px, NaN where they are not labelled."""
    labelled = labelled_landmarks(sample)
    places = crop_of(sample).to_input(np.asarray(sample.gt_instances.keypoints[0], np.float64))
    return np.where(labelled[:, None], places, np.nan)


def labelled_landmarks(sample: PoseDataSample) -> np.ndarray:
    """(K,) bool, whether each landmark of a sample's face is labelled.

    Raises:
        ValueError: If the sample does not tell its landmarks.
    """
    require_fields(sample.gt_instances, KNOWN, 'gt_instances of a sample')
    visible = np.asarray(sample.gt_instances.keypoints_visible[0])
    # `KeypointConverter` puts a weight of the visibility itself beside it.
    return (visible[..., 0] if visible.ndim > 1 else visible) > 0
