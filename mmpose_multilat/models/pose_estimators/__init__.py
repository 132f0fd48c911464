"""Pose estimators."""

from .flip_test import average_mirrored, mirror_landmarks
from .multilateration_pose_estimator import MultilaterationPoseEstimator

__all__ = ['MultilaterationPoseEstimator', 'average_mirrored', 'mirror_landmarks']
