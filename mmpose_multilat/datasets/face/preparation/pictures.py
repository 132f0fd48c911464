"""The images of a prepared dataset: links or copies of those of the raw release."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Optional

import cv2
import numpy as np
from PIL import Image

from mmpose_multilat.datasets.face.preparation.raw_data import RawDataError

# JPEG quality of images that the release holds as arrays: no visible loss.
_JPEG_QUALITY = 98


def picture_size(path: Path) -> tuple[int, int]:
    """Width and height of an image in px as OpenCV reads it, with which MMPose reads images.

    Only the header is read, except where it says how the camera was held: OpenCV turns such a
    image upright, and mistakes in this part of a header are common.

    Raises:
        RawDataError: If there is no such image, or it cannot be read.
    """
    if not path.is_file():
        raise RawDataError(path, 'there is no such image')
    size = _header_size(path)
    if size is None:
        image = cv2.imread(str(path))
        if image is None:
            raise RawDataError(path, 'is no readable image')
        size = image.shape[1], image.shape[0]
    return size


def _header_size(path: Path) -> Optional[tuple[int, int]]:
    """Width and height by the header of an image; None where it is unclear or has EXIF data."""
    try:
        with Image.open(path) as picture:
            return None if 'exif' in picture.info else picture.size
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None


class Pictures:
    """Puts images into a dataset that is being prepared, and remembers their sizes.

    Args:
        staging: Folder in which the dataset grows until it is complete.
        out: Folder where it will stand. Images that are there already are left alone.
        copy: Whether to copy images instead of linking to them.
        progress: Called once per image.

    Attributes:
        sizes: (width, height) in px by the path of the image below the folder of the dataset.
    """

    def __init__(
        self,
        staging: Path,
        out: Path,
        copy: bool = False,
        progress: Callable[[], None] = lambda: None,
    ) -> None:
        self.staging, self.out, self.copy, self.progress = staging, out, copy, progress
        self.sizes: dict[str, tuple[int, int]] = {}
        self._sources: dict[str, Path] = {}

    def add(self, source: Path, name: str) -> tuple[int, int]:
        """Link to an image of the raw release, or copy it. Adding it again changes nothing.

        Args:
            source: The image.
            name: Its path below the folder of the dataset, for example `images/afw/1.jpg`.

        Returns:
            Its width and height in px.

        Raises:
            RawDataError: If it is missing or unreadable, or the name belongs to another image.
        """
        if name in self.sizes:
            if self._sources.get(name) != source:
                raise RawDataError(source, f'a second image for {name}')
            return self.sizes[name]
        target = self._target(name)
        size = picture_size(source)
        if not self._stands(source, self.out / name):
            target.parent.mkdir(parents=True, exist_ok=True)
            if self.copy:
                shutil.copyfile(source, target)
            else:
                _link(source, target)
        return self._register(name, source, size)

    def save(self, image: np.ndarray, name: str) -> tuple[int, int]:
        """Write an image that the release holds as an array.

        Args:
            image: (H, W) grey or (H, W, 3) BGR, uint8.
            name: Its path below the folder of the dataset; the suffix names the format.

        Returns:
            Its width and height in px.

        Raises:
            ValueError: If the name is taken, or OpenCV cannot write the image.
        """
        if name in self.sizes:
            raise ValueError(f'there is an image {name} already')
        options = [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
        done, code = cv2.imencode(Path(name).suffix, image, options)
        if not done:
            raise ValueError(f'OpenCV cannot write the image {name}')
        target = self._target(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(code.tobytes())
        return self._register(name, None, (image.shape[1], image.shape[0]))

    def _register(
        self, name: str, source: Optional[Path], size: tuple[int, int]
    ) -> tuple[int, int]:
        self.sizes[name] = size
        if source is not None:
            self._sources[name] = source
        self.progress()
        return size

    def _target(self, name: str) -> Path:
        path = PurePosixPath(name)
        if path.is_absolute() or '..' in path.parts:
            raise ValueError(f'{name} lies outside the folder of the dataset')
        return self.staging / path

    def _stands(self, source: Path, place: Path) -> bool:
        """Whether the wanted image is in its final place already."""
        if os.path.abspath(source) == os.path.abspath(place):
            return True
        if not place.exists() or (self.copy and place.is_symlink()):
            return False
        return place.samefile(source)


def _link(source: Path, target: Path) -> None:
    """Link to an image by its absolute path.

    Raises:
        OSError: If the system allows no links, with the remedy.
    """
    try:
        target.symlink_to(source.resolve())
    except OSError as error:
        raise OSError(
            f'cannot link to {source} ({error.strerror}); copy the images: --pictures copy'
        ) from error
