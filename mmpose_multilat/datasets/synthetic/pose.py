"""Turning the head and placing it in the image (weak perspective)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .parameters import Pose


def rotation_matrix(pose: Pose) -> np.ndarray:
    """(3, 3) rotation for axes x right, y down, z towards the viewer.

    Yaw is applied first, then pitch, then roll; signs as in :class:`Pose`.
    """
    yaw, pitch, roll = np.deg2rad([pose.yaw, pose.pitch, pose.roll])
    turn = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    nod = np.array(
        [[1, 0, 0], [0, np.cos(pitch), np.sin(pitch)], [0, -np.sin(pitch), np.cos(pitch)]]
    )
    tilt = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    return tilt @ nod @ turn


@dataclass(frozen=True)
class Camera:
    """Weak perspective: image = scale * (rotation @ point)[:2] + translation.

    Attributes:
        rotation: (3, 3).
        scale: Pixels per unit of the face plane.
        translation: (2,) image position (x, y) of the face's origin, in px.
    """

    rotation: np.ndarray
    scale: float
    translation: np.ndarray

    def project(self, points: np.ndarray) -> np.ndarray:
        """(..., 3) points of the head to (..., 2) image positions (x, y) in px."""
        return self.scale * points @ self.rotation[:2].T + self.translation

    def depth(self, points: np.ndarray) -> np.ndarray:
        """(..., 3) points of the head to (...) depths towards the viewer, in face units."""
        return points @ self.rotation[2]


def place_camera(rotation: np.ndarray, landmarks: np.ndarray, pose: Pose, size: int) -> Camera:
    """Choose scale and translation so that the landmarks' box gets its size and place.

    Args:
        rotation: (3, 3) turn of the head.
        landmarks: (K, 2) landmarks projected with scale 1 and translation 0.
        pose: Gives ``box_fraction`` and ``offset``.
        size: Side of the square image in px.
    """
    low, high = landmarks.min(axis=0), landmarks.max(axis=0)
    scale = pose.box_fraction * size / (high - low).max()
    room = (size - scale * (high - low)) / 2
    # Half of the free room at most, so that hair and chin stay in the image.
    centre = (size - 1) / 2 + 0.5 * room * np.asarray(pose.offset)
    return Camera(rotation, float(scale), centre - scale * (low + high) / 2)
