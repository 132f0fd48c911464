"""Camera faults: blur, motion, contrast and noise. None of them moves anything."""

from __future__ import annotations

import cv2
import numpy as np

from .appearance import Photograph

# Sizes in px are given for images of this side and grow with the image.
_REFERENCE_SIZE = 256.0


def expose(image: np.ndarray, camera: Photograph, rng: np.random.Generator) -> np.ndarray:
    """Turn a painted image into a photograph.

    Args:
        image: (H, W, 3) float32 BGR, 0 .. 255.
        camera: Faults of the camera.
        rng: Source of the noise.

    Returns:
        (H, W, 3) uint8.
    """
    factor = image.shape[0] / _REFERENCE_SIZE
    if camera.blur * factor > 0.2:
        image = cv2.GaussianBlur(image, (0, 0), camera.blur * factor)
    if camera.motion > 0:
        image = cv2.filter2D(image, -1, motion_kernel(camera.motion * factor, camera.motion_angle))
    if camera.grey:
        image = np.repeat(image.mean(axis=2, keepdims=True), 3, axis=2)
    image = (image - 128) * camera.contrast + 128
    grain = rng.standard_normal(image.shape[:2], dtype=np.float32)[..., None]
    colour = rng.standard_normal(image.shape, dtype=np.float32)
    image = image + camera.noise * (0.8 * grain + 0.4 * colour)
    return np.clip(np.round(image), 0, 255).astype(np.uint8)


def motion_kernel(length: float, angle: float) -> np.ndarray:
    """Symmetric kernel of a linear motion: its mean displacement is zero.

    Args:
        length: Length of the path in px.
        angle: Direction in degrees.

    Returns:
        (k, k) float32, k odd, sum 1.
    """
    half = int(np.ceil(length / 2)) + 1
    offset = np.arange(-half, half + 1)
    direction = np.deg2rad(angle)
    along = offset[None] * np.cos(direction) + offset[:, None] * np.sin(direction)
    across = offset[None] * np.sin(direction) - offset[:, None] * np.cos(direction)
    weight = (
        np.clip(length / 2 + 0.5 - np.abs(along), 0, 1) * np.clip(1 - np.abs(across), 0, 1)
    ).astype(np.float32)
    return weight / weight.sum()
