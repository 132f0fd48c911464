"""Video files that appear complete."""

from pathlib import Path
from typing import Optional

import cv2
import numpy as np

from mmpose_multilat.errors import UserError
from mmpose_multilat.landmarks.whole_files import part_of

from .part_files import PartWriter, settle

VIDEO_CODE = 'mp4v'
"""MPEG-4 part 2, which every build of OpenCV with FFmpeg can write."""


class VideoWriter(PartWriter):
    """Writes an MP4 file that gets its name when it is closed.

    In a `with` statement an error leaves a part of the file, see `settle`.

    Args:
        path: The file.
        size: Width and height of the frames in px.
        rate: Frames per second.

    Raises:
        UserError: If OpenCV cannot write it.
    """

    def __init__(self, path: Path, size: tuple[int, int], rate: float) -> None:
        self._path, self._part = path, _video_part(path)
        # The format knows even sizes only.
        self._size = size[0] + size[0] % 2, size[1] + size[1] % 2
        code = cv2.VideoWriter_fourcc(*VIDEO_CODE)
        self._writer = cv2.VideoWriter(str(self._part), code, rate, self._size)
        if not self._writer.isOpened():
            raise UserError(f'OpenCV cannot write the video {path}; draw images alone')

    def write(self, image: np.ndarray) -> None:
        """Write a (h, w, 3) uint8 BGR frame; one of another size is stretched."""
        height, width = image.shape[:2]
        right, below = self._size[0] - width, self._size[1] - height
        if right in (0, 1) and below in (0, 1):
            image = cv2.copyMakeBorder(image, 0, below, 0, right, cv2.BORDER_REPLICATE)
        else:
            image = cv2.resize(image, self._size)
        self._writer.write(image)

    def finish(self, ended_by: Optional[type[BaseException]]) -> None:
        """Complete the file and give it its name, see `PartWriter`."""
        self._writer.release()
        settle(self._part, self._path, ended_by)


def _video_part(path: Path) -> Path:
    """Where this process writes a video; its ending tells OpenCV the format."""
    part = part_of(path.with_suffix(''))
    return part.with_name(part.name + path.suffix)
