"""Annotated landmarks where the network sees them."""

import numpy as np
from mmpose.structures import PoseDataSample

from mmpose_multilat.landmarks.sample_fields import KNOWN, require_fields
from mmpose_multilat.models.pose_estimators import crop_of


def true_landmarks(sample: PoseDataSample) -> np.ndarray:
    """(K, 2) annotated landmarks (x, y) in input px, NaN where they are not labelled."""
    known = sample.gt_instances
    require_fields(known, KNOWN, 'gt_instances of a sample')
    visible = np.asarray(known.keypoints_visible[0])
    labelled = (visible[..., 0] if visible.ndim > 1 else visible) > 0
    places = crop_of(sample).to_input(np.asarray(known.keypoints[0], np.float64))
    return np.where(labelled[:, None], places, np.nan)
