"""What is known of the landmarks that a pose estimator finds."""

from collections.abc import Mapping
from typing import Any

from mmpose.models import TopdownPoseEstimator


def metainfo_of_estimator(estimator: TopdownPoseEstimator) -> Mapping[str, Any]:
    """The metainfo of an estimator's landmarks, parsed as MMPose does.

    Its own `metainfo`, which MMPose puts into every sample, comes before that of the dataset that
    it was trained on.

    Args:
        estimator: With `dataset_meta`, see `settings.metainfo_of`.

    Returns:
        The metainfo, with `flip_indices` where it is known; empty where nothing is known.
    """
    known = getattr(estimator, 'dataset_meta', None) or {}
    return {**known, **(getattr(estimator, 'metainfo', None) or {})}
