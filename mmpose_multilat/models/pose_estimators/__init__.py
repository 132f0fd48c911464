"""Pose estimators."""

from .flip_test import average_mirrored, mirror_landmarks
from .multilateration_pose_estimator import COORDINATES, MultilaterationPoseEstimator

__all__ = [
    'COORDINATES',
    'MultilaterationPoseEstimator',
    'average_mirrored',
    'mirror_landmarks',
]
