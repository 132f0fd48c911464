"""One face with known landmarks, and what is done to it."""

import os
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from mmcv.image import imflip
from mmpose.structures.keypoint import flip_keypoints
from PIL import Image

from mmpose_multilat.codecs.labels import VISIBLE


class ReferenceFace(NamedTuple):
    """A face with known landmarks.

    Attributes:
        image: (3, h, w) uint8 crop, channels in the order of OpenCV (blue first).
        landmarks: (K, 2) float32 landmarks (x, y) in px of the crop, 0 where not finite.
        visible: (K,) float32, 1 where a landmark has a label, else 0.
    """

    image: np.ndarray
    landmarks: np.ndarray
    visible: np.ndarray


def face_key(info: dict[str, Any]) -> str:
    """Name a face by its file and its box, wherever the data lie and whatever file lists it.

    Args:
        info: What a dataset tells of a face: `img_path` and `bbox` (1, 4) in px.
    """
    box = ' '.join(f'{side:.1f}' for side in np.asarray(info['bbox'], np.float64).reshape(-1))
    return f'{os.path.basename(info["img_path"])} {box}'


def flipped(face: ReferenceFace, partners: Sequence[int], direction: str) -> ReferenceFace:
    """Flip a face as MMPose's `RandomFlip` flips its target.

    Args:
        face: The face.
        partners: For each landmark the one that takes its place.
        direction: 'horizontal', 'vertical' or 'diagonal'.
    """
    height, width = face.image.shape[1:]
    landmarks, visible = flip_keypoints(
        face.landmarks[None], face.visible[None], (width, height), partners, direction
    )
    image = imflip(face.image.transpose(1, 2, 0), direction).transpose(2, 0, 1)
    return ReferenceFace(
        np.ascontiguousarray(image), np.asarray(landmarks[0], np.float32), visible[0]
    )


def reduced(face: ReferenceFace, resolution: int) -> ReferenceFace:
    """Take fine detail away: shrink the image and enlarge it again, both bicubic (table VII).

    Pillow shrinks as super-resolution does, with a wider filter; OpenCV would leave pixels out.

    Args:
        face: The face; its landmarks stay as they are.
        resolution: Side of the small image in px.
    """
    size = face.image.shape[2], face.image.shape[1]
    image = Image.fromarray(np.ascontiguousarray(face.image.transpose(1, 2, 0)))
    for each in ((resolution, resolution), size):
        image = image.resize(each, Image.Resampling.BICUBIC)
    return face._replace(image=np.ascontiguousarray(np.asarray(image).transpose(2, 0, 1)))


def labels_of(keypoints: np.ndarray, info: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """(K, 2) landmarks and (K,) whether they have a label, of one face."""
    landmarks = np.asarray(keypoints[0, :, :2], np.float32)
    visible = info['keypoints_visible'][0]
    visible = visible if visible.ndim == 1 else visible[:, 0]
    labelled = np.isfinite(landmarks).all(-1) & (visible >= VISIBLE)
    landmarks = np.nan_to_num(landmarks, nan=0, posinf=0, neginf=0)
    return landmarks, labelled.astype(np.float32)
