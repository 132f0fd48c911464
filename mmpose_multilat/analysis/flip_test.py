"""What a config says of the flip test."""

from typing import Any

from mmpose.models import TopdownPoseEstimator


def flip_settings(estimator: TopdownPoseEstimator) -> dict[str, Any]:
    """How the flip test of a config averages, with MMPose's defaults where it says nothing."""
    return dict(
        flip_mode=estimator.test_cfg.get('flip_mode', 'heatmap'),
        shift_heatmap=bool(estimator.test_cfg.get('shift_heatmap', False)),
    )


def has_flip_test(estimator: TopdownPoseEstimator) -> bool:
    """Whether a config tests with flip test."""
    return bool(estimator.test_cfg.get('flip_test', False))
