"""Turning images upright that a camera stored as its sensor saw them."""

import io
from typing import Optional

import cv2
import numpy as np

ORIENTATION = 0x0112
"""Tag of EXIF data that says how the camera was held."""

PNG, RIFF, AVIF = b'\x89PNG', b'RIFF', (b'ftypavif', b'ftypavis')
TIFF = b'II*\0', b'MM\0*'
"""First bytes of files, those of AVIF from the fifth on."""


def orientation_of(content: bytes) -> Optional[int]:
    """How an image has to be turned that OpenCV turns or not, depending on its version.

    JPEG and TIFF it turns itself. PNG and WebP it turns since 4.11 or later, AVIF never.

    Args:
        content: The file.

    Returns:
        EXIF's orientation, 1 to 8; None for a file that OpenCV is to turn itself, if it has to.

    Raises:
        ValueError: If Pillow is needed and missing, or too old to know (AVIF).
    """
    if _is_avif(content):
        return _exif_orientation(content)
    # Pillow would decode a PNG to find that it has no EXIF data.
    has_exif = (content[:4] == PNG and b'eXIf' in content) or (
        content[:4] == RIFF and b'EXIF' in content
    )
    return _exif_orientation(content) if has_exif else None


def stored_orientation(content: bytes) -> int:
    """How an image has to be turned that OpenCV was told not to turn; TIFF it turns all the same.

    Args:
        content: The file.

    Returns:
        EXIF's orientation, 1 to 8.

    Raises:
        ValueError: If Pillow is needed and missing, or too old to know (AVIF).
    """
    return 1 if content[:4] in TIFF else _exif_orientation(content)


def _is_avif(content: bytes) -> bool:
    return content[4:12] in AVIF


def _exif_orientation(content: bytes) -> int:
    try:
        # Needed for few files: an exported network does without on all others.
        from PIL import Image, UnidentifiedImageError
    except ImportError as error:
        raise ValueError('only Pillow tells how it is turned: pip install pillow') from error
    try:
        with Image.open(io.BytesIO(content)) as image:
            found = image.getexif().get(ORIENTATION, 1)
    except UnidentifiedImageError as error:
        if _is_avif(content):
            raise ValueError('only Pillow 11.3 or later tells how an AVIF is turned') from error
        return 1
    except (OSError, SyntaxError, ValueError):  # damaged EXIF data
        return 1
    return found if found in range(1, 9) else 1


def turn_upright(image: np.ndarray, orientation: int) -> np.ndarray:
    """Turn an image as EXIF says.

    Args:
        image: (h, w, C) pixels as stored.
        orientation: EXIF's orientation, 1 to 8; 5 to 8 swap width and height.

    Returns:
        The upright image.
    """
    if orientation >= 5:
        image = image.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        image = image[:, ::-1]
    if orientation in (3, 4, 7, 8):
        image = image[::-1]
    return np.ascontiguousarray(image)


def open_upright(source: int | str) -> tuple[cv2.VideoCapture, str]:
    """Open a video whose frames come upright, or a webcam.

    Args:
        source: Path of a video, or index of a webcam.

    Returns:
        The capture; and what is to be said if its frames come turned all the same, '' otherwise.
    """
    capture = cv2.VideoCapture(source)
    # OpenCV 4 turns frames by default, OpenCV 5 does not.
    capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)
    turned = capture.get(cv2.CAP_PROP_ORIENTATION_META) % 360
    if not turned or capture.get(cv2.CAP_PROP_ORIENTATION_AUTO) == 1:
        return capture, ''
    return capture, f'is stored turned by {turned:.0f} degrees, which this OpenCV does not undo'
