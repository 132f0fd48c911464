"""Files of drawn images and videos; each appears complete."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Optional

import cv2
import numpy as np

from mmpose_multilat.errors import UserError
from mmpose_multilat.landmarks.whole_files import replacing

from .face_drawing import draw_faces
from .faces import FrameFaces
from .inputs import IMAGE, Source, places_below_common_folder
from .part_files import PartWriter
from .problems import Problems
from .video_writer import VideoWriter

DRAWN = 'drawn'

IMAGE_FORMATS = ('.jpg', '.jpeg', '.png')
"""Drawn images keep these formats; others become PNG."""

VIDEO_FORMAT = '.mp4'


class Drawings(PartWriter):
    """Writes images and videos with drawn landmarks.

    In a `with` statement an error leaves what is complete: the images and videos before it. A
    drawing that cannot be made is reported and left out, for the landmarks themselves are written
    elsewhere.

    Args:
        targets: File to write by source, see `drawing_targets`.
        problems: Is told what cannot be drawn.
        metainfo: Of the landmarks, see `draw_faces`.
    """

    def __init__(
        self,
        targets: Mapping[Source, Path],
        problems: Problems,
        metainfo: Optional[Mapping[str, Any]] = None,
    ) -> None:
        self._targets = targets
        self._metainfo = metainfo
        self._problems = problems
        self._failed: set[Source] = set()
        self._source: Optional[Source] = None
        self._video: Optional[VideoWriter] = None

    def write(self, result: FrameFaces) -> None:
        """Draw and write an image, or the next frame of a video."""
        source = result.frame.source
        if source != self._source:
            self.close()
            self._source = source
        if source in self._failed:
            return
        try:
            self._draw(result)
        except (UserError, OSError, ValueError, cv2.error) as error:
            self._leave_out(source, error)

    def _draw(self, result: FrameFaces) -> None:
        """Draw and write.

        Raises:
            Exception: Whatever formats, disks and OpenCV make of it.
        """
        source = result.frame.source
        drawn = draw_faces(result.frame.image, result.faces, self._metainfo)
        path = self._targets[source]
        path.parent.mkdir(parents=True, exist_ok=True)
        if source.kind == IMAGE:
            write_image(path, drawn)
            return
        if self._video is None:
            self._video = VideoWriter(path, drawn.shape[1::-1], result.frame.rate)
        self._video.write(drawn)

    def _leave_out(self, source: Source, error: Exception) -> None:
        """Draw no more of a source."""
        self._failed.add(source)
        self._problems.skip(f'the drawing of {source.name}', ' '.join(str(error).split()))
        self.finish(type(error))

    def finish(self, ended_by: Optional[type[BaseException]]) -> None:
        """Complete the video that is being written, see `PartWriter`."""
        video, self._video = self._video, None
        try:
            if video is not None:
                video.finish(ended_by)
        except OSError as error:
            self._problems.skip(f'the drawing of {self._source.name}', str(error))


def write_image(path: Path, image: np.ndarray) -> None:
    """Write a (h, w, 3) uint8 BGR image that appears at once, whatever its name.

    Raises:
        UserError: If OpenCV cannot write the format.
    """
    done, code = cv2.imencode(path.suffix, image)
    if not done:
        raise UserError(f'OpenCV cannot write {path}')
    with replacing(path) as part:
        part.write_bytes(code.tobytes())


def drawing_targets(folder: Path, sources: Iterable[Source]) -> dict[Source, Path]:
    """Where the drawings go: the folders and names of the inputs below `folder`.

    Args:
        folder: The result folder.
        sources: All sources of the run.

    Returns:
        File by source.

    Raises:
        UserError: If one of them is itself an input.
    """
    places = places_below_common_folder(list(sources))
    targets = {}
    for source, place in places.items():
        formats = IMAGE_FORMATS if source.kind == IMAGE else (VIDEO_FORMAT,)
        keeps = place.suffix.lower() in formats
        suffix = '' if keeps else '.png' if source.kind == IMAGE else VIDEO_FORMAT
        targets[source] = folder / DRAWN / place.with_name(place.name + suffix)
    if len(set(targets.values())) < len(targets):
        raise UserError('two inputs would be drawn into one file; give them different names')
    inputs = {os.path.abspath(source.name) for source in places}
    for target in targets.values():
        if os.path.abspath(target) in inputs:
            raise UserError(f'the drawing would replace the input {target}; choose another `out`')
    return targets
