"""Pose estimators."""

from .covariances import (
    COVARIANCES,
    add_covariances,
    codecs_with_covariances,
    knows_covariances,
    mirror_covariances,
    require_covariances,
    scale_covariances,
    tells_covariances,
)
from .flip_test import average_mirrored, mirror_landmarks, mirror_width
from .multilateration_pose_estimator import COORDINATES, MultilaterationPoseEstimator

__all__ = [
    'COORDINATES',
    'COVARIANCES',
    'MultilaterationPoseEstimator',
    'add_covariances',
    'average_mirrored',
    'codecs_with_covariances',
    'knows_covariances',
    'mirror_covariances',
    'mirror_landmarks',
    'mirror_width',
    'require_covariances',
    'scale_covariances',
    'tells_covariances',
]
