"""Reading image files as MMPose does, but upright, and no damaged ones."""

from collections.abc import Callable
from pathlib import Path
from typing import Optional

import cv2
import numpy as np

from .formats import DEEP_SUFFIXES, RAW, UNREAD_SUFFIXES
from .orientation import orientation_of, turn_upright

LARGEST_SIDE = 2**15 - 2
"""OpenCV cuts crops out of images of at most so many px a side (16-bit coordinates)."""

MOST_BYTES = 2
"""Of a number in an image that OpenCV reduces to 8 bits properly."""


def read_image(path: str) -> np.ndarray:
    """Read an image as MMPose's `LoadImage` does, but turned upright in every format.

    OpenCV reduces 16 bits to 8, makes three channels of grey and drops transparency.

    Args:
        path: The file; any characters.

    Returns:
        (h, w, 3) uint8 BGR.

    Raises:
        ValueError: If it cannot be read completely, or is larger than can be cropped.
    """
    may_be_deep = Path(path).suffix.lower() in DEEP_SUFFIXES
    return read_by(lambda content: _decode(content, may_be_deep), path)


def read_by(decode: Callable[[bytes], Optional[np.ndarray]], path: str) -> np.ndarray:
    """What the bytes of a file decode to; raises like `read_image`."""
    unread = UNREAD_SUFFIXES.get(Path(path).suffix.lower())
    try:
        # Unlike cv2.imread this opens file names with any characters, and refuses a truncated file.
        content = Path(path).read_bytes()
        image = None if unread == RAW else decode(content)
    except OSError as error:
        raise ValueError(f'cannot be read: {error.strerror}') from error
    except cv2.error as error:  # an empty file, or more pixels than OpenCV allows
        raise ValueError(f'OpenCV cannot read it: {error.err or error}') from error
    if image is None and unread:
        raise ValueError(f'is {unread}, which OpenCV does not read; save it as JPEG or PNG')
    if image is None:
        raise ValueError('is no image that OpenCV can read, or not complete')
    if max(image.shape[:2]) > LARGEST_SIDE:
        height, width = image.shape[:2]
        raise ValueError(
            f'{width} x {height} px; faces can be cut out of images of up to {LARGEST_SIDE} px a '
            'side, so reduce it'
        )
    return image


def _decode(content: bytes, may_be_deep: bool) -> Optional[np.ndarray]:
    """(h, w, 3) uint8 BGR, upright; None if OpenCV cannot read it."""
    data = np.frombuffer(content, np.uint8)
    if may_be_deep:
        _check_depth(data)
    orientation = orientation_of(content)
    if orientation is None:
        return cv2.imdecode(data, cv2.IMREAD_COLOR)
    image = cv2.imdecode(data, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    return None if image is None else turn_upright(image, orientation)


def _check_depth(content: np.ndarray) -> None:
    """Refuse the (N,) bytes of an image whose brightness OpenCV does not keep.

    Raises:
        ValueError: If its numbers have more than 16 bits.
    """
    image = cv2.imdecode(content, cv2.IMREAD_UNCHANGED)
    if image is not None and image.dtype.itemsize > MOST_BYTES:
        raise ValueError(f'holds {image.dtype} numbers; save it with 8 or 16 bits a channel')
