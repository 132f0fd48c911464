"""Covariances of landmarks beside the landmarks themselves: how far they may be off, and whither.

A covariance is [[xx, xy], [xy, yy]] of the error (x, y), NaN where a landmark is not to be trusted.
A codec tells them if it has `batch_decode_with_covariance`: (B, K, H, W) heatmaps to lists of B
arrays, landmarks (1, K, 2) in input px, scores (1, K) and covariances (1, K, 2, 2) in input px
squared.
"""

from collections.abc import Sequence
from typing import Any, Optional

import numpy as np
import torch
from mmengine.structures import InstanceData, PixelData
from mmpose.registry import KEYPOINT_CODECS

COVARIANCES = 'keypoint_covariances'
"""Field of `pred_instances`. MMPose's `output_keypoint_indices` selects from every field of an
instance whose name begins with 'keypoint'."""

SETTING = 'output_covariances=True'
DECODER = 'batch_decode_with_covariance'

MIRRORED_SIGNS = np.array([[1, -1], [-1, 1]], dtype=np.float32)
"""x changes its sign in the mirror and y does not, so that the covariance of the two does."""


def knows_covariances(codec: Any) -> bool:
    """Whether a codec tells the covariances of its landmarks."""
    return hasattr(codec, DECODER)


def codecs_with_covariances() -> list[str]:
    """Names of all registered codecs that tell the covariances of their landmarks."""
    return sorted(
        name for name, kind in KEYPOINT_CODECS.module_dict.items() if knows_covariances(kind)
    )


def require_covariances(codec: Any) -> None:
    """Do nothing if a head's codec can tell covariances.

    Raises:
        ValueError: If not, or if its heatmaps are too small for that.
    """
    if not knows_covariances(codec):
        got = 'None' if codec is None else type(codec).__name__
        raise ValueError(
            f"{SETTING}: the head's decoder is {got}, which tells no covariances; decode with one "
            f'of {", ".join(codecs_with_covariances())}, or do without covariances'
        )
    width, height = codec.heatmap_size
    getattr(codec, DECODER)(torch.zeros(1, 1, height, width))


def tells_covariances(codec: Any) -> bool:
    """Whether `require_covariances` is content with a codec."""
    try:
        require_covariances(codec)
    except ValueError:
        return False
    return True


def add_covariances(
    found: Sequence[InstanceData], fields: Optional[Sequence[PixelData]], codec: Any
) -> None:
    """Add `keypoint_covariances` (1, K, 2, 2) in input px squared to what a head has found.

    The heatmaps are decoded a second time: heads of MMPose take landmarks and scores alone from
    their codec.

    Args:
        found: The head's answer for B pictures, changed in place.
        fields: Its `heatmaps` (K, H, W) of the same pictures.
        codec: The head's codec.

    Raises:
        ValueError: If the head gave no heatmaps.
    """
    if not found:
        return
    if not fields or 'heatmaps' not in fields[0]:
        raise ValueError(
            f'{SETTING} needs a head that puts out heatmaps, such as HeatmapHead or '
            'MultilaterationHead; change the head, or do without covariances'
        )
    heatmaps = torch.stack([field.heatmaps for field in fields])  # (B, K, H, W)
    *_, covariances = getattr(codec, DECODER)(heatmaps)
    for instances, values in zip(found, covariances):
        instances.set_field(values, COVARIANCES)


def mirror_covariances(covariances: np.ndarray, flip_indices: Sequence[int]) -> np.ndarray:
    """Covariances of landmarks of the mirror image as those of the picture.

    Args:
        covariances: (..., K, 2, 2) of the mirror image.
        flip_indices: K indices, that of the landmark on the other side for each landmark.

    Returns:
        (..., K, 2, 2), left and right swapped, those of x with y of the other sign.
    """
    return covariances[..., list(flip_indices), :, :] * MIRRORED_SIGNS


def scale_covariances(covariances: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Covariances after x and y have been multiplied by two numbers.

    Args:
        covariances: (..., 2, 2) in px squared.
        scale: (2,) factors of x and y, for example px of the picture for each px of the input.

    Returns:
        (..., 2, 2) in the new unit squared, of the same type.
    """
    return (covariances * np.outer(scale, scale)).astype(covariances.dtype)
