"""Reading the images of a prepared dataset as MMPose will."""

import hashlib
import io
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

# A complete file of these formats begins and ends so; only others, and those with something
# behind their end, have to be decoded a second time.
_ENDS = {b'\xff\xd8': b'\xff\xd9', b'\x89PNG': b'IEND\xaeB`\x82'}
_DIGEST_BYTES = 16


@dataclass(frozen=True)
class PictureState:
    """What became of an image when it was read.

    Args:
        size: Width and height in px; None if it cannot be read.
        digest: Stands for the content of the file; equal for copies of an image.
        problem: Why it cannot be used; '' if it can.
    """

    size: Optional[tuple[int, int]] = None
    digest: bytes = b''
    problem: str = ''


def read_pictures(paths: Sequence[Path], workers: int) -> Iterator[PictureState]:
    """Read images in several threads; the answers come in the order of the paths."""
    pool = ThreadPoolExecutor(workers)
    try:
        yield from pool.map(read_picture, paths)
    finally:
        pool.shutdown(cancel_futures=True)  # after Ctrl-C nothing more is read


def read_picture(path: Path) -> PictureState:
    """Read one image completely.

    OpenCV reads it as MMPose does, which turns it if its EXIF data say so. OpenCV fills what a
    truncated file lacks with grey, so the end of the file is looked at as well.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        is_link = path.is_symlink()
        return PictureState(problem='link to a missing file' if is_link else 'is missing')
    except OSError as error:
        return PictureState(problem=f'cannot be read: {error.strerror}')
    problem = '' if _ends_properly(data) else _truncation(data)
    image = None if problem else _decode(data)
    if image is None:
        return PictureState(problem=problem or 'is no image that OpenCV can read')
    digest = hashlib.blake2b(data, digest_size=_DIGEST_BYTES).digest()
    return PictureState((image.shape[1], image.shape[0]), digest)


def _decode(data: bytes) -> Optional[np.ndarray]:
    try:
        return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:  # an empty file, or more pixels than OpenCV allows
        return None


def _ends_properly(data: bytes) -> bool:
    return any(data.startswith(start) and data.endswith(end) for start, end in _ENDS.items())


def _truncation(data: bytes) -> str:
    """Why Pillow, which is strict about the end of a file, cannot read an image; '' if it can."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.load()
    except UnidentifiedImageError:  # OpenCV knows formats that Pillow does not
        return ''
    except Exception as error:  # damaged files raise errors of many kinds
        return f'cannot be read completely: {error}'
    return ''
