"""Drawn pictures and videos; each file appears complete."""

import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Optional

import cv2
import numpy as np

from mmpose_multilat.landmarks import scheme_of_metainfo
from mmpose_multilat.landmarks.whole_files import part_of, replacing
from mmpose_multilat.tools.command_line import UserError
from mmpose_multilat.visualization import draw_covariances, draw_edges, draw_face

from .batches import FrameFaces
from .inputs import PICTURE, Source, places_below_common_folder
from .part_files import PartWriter, settle
from .problems import Problems

DRAWN = 'drawn'

PICTURE_FORMATS = ('.jpg', '.jpeg', '.png')
"""Drawn pictures keep these formats; others become PNG."""

SIDE_OF_FULL_ELLIPSES = 200
"""Side in px of a face below which ellipses are drawn fainter: they would hide the face."""

VIDEO_FORMAT = '.mp4'
VIDEO_CODE = 'mp4v'
"""MPEG-4 part 2, which every build of OpenCV with FFmpeg can write."""


def draw_faces(result: FrameFaces, metainfo: Optional[Mapping[str, Any]] = None) -> np.ndarray:
    """A picture with its faces drawn in, smoothed landmarks where there are any.

    Covariances are those of the landmarks as the network found them, also round smoothed ones.

    Args:
        result: A picture with its faces.
        metainfo: Of the landmarks, see `LandmarkModel`; tells which lines to draw. None
            draws none.
    """
    canvas = result.frame.picture.copy()
    for face in result.faces:
        keypoints = face.keypoints if face.smoothed is None else face.smoothed
        box = face.box
        label = '' if face.track is None else str(face.track)
        if face.edges is not None:
            draw_edges(canvas, keypoints, face.edges)
        sides = (box.x, box.y, box.width, box.height)
        scheme = scheme_of_metainfo(metainfo or {}, len(keypoints))
        draw_face(canvas, keypoints, face.scores, sides, label, scheme)
        if face.covariances is not None:
            opacity = min(1.0, math.sqrt(box.width * box.height) / SIDE_OF_FULL_ELLIPSES)
            draw_covariances(canvas, keypoints, face.covariances, opacity=opacity)
    return canvas


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
            raise UserError(f'OpenCV cannot write the video {path}; leave --draw out for videos')

    def write(self, picture: np.ndarray) -> None:
        """Write a (h, w, 3) uint8 BGR frame; one of another size is stretched."""
        height, width = picture.shape[:2]
        right, below = self._size[0] - width, self._size[1] - height
        if right in (0, 1) and below in (0, 1):
            picture = cv2.copyMakeBorder(picture, 0, below, 0, right, cv2.BORDER_REPLICATE)
        else:
            picture = cv2.resize(picture, self._size)
        self._writer.write(picture)

    def finish(self, ended_by: Optional[type[BaseException]]) -> None:
        """Complete the file and give it its name, see `PartWriter`."""
        self._writer.release()
        settle(self._part, self._path, ended_by)


def _video_part(path: Path) -> Path:
    """Where this process writes a video; its ending tells OpenCV the format."""
    part = part_of(path.with_suffix(''))
    return part.with_name(part.name + path.suffix)


class Drawings(PartWriter):
    """Writes pictures and videos with drawn landmarks.

    In a `with` statement an error leaves what is complete: the pictures and videos before it. A
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
        """Draw and write a picture, or the next frame of a video."""
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
        source, drawn = result.frame.source, draw_faces(result, self._metainfo)
        path = self._targets[source]
        path.parent.mkdir(parents=True, exist_ok=True)
        if source.kind == PICTURE:
            write_picture(path, drawn)
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


def write_picture(path: Path, picture: np.ndarray) -> None:
    """Write a (h, w, 3) uint8 BGR picture that appears at once, whatever its name.

    Raises:
        UserError: If OpenCV cannot write the format.
    """
    done, code = cv2.imencode(path.suffix, picture)
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
        formats = PICTURE_FORMATS if source.kind == PICTURE else (VIDEO_FORMAT,)
        keeps = place.suffix.lower() in formats
        suffix = '' if keeps else '.png' if source.kind == PICTURE else VIDEO_FORMAT
        targets[source] = folder / DRAWN / place.with_name(place.name + suffix)
    if len(set(targets.values())) < len(targets):
        raise UserError('two inputs would be drawn into one file; give them different names')
    inputs = {os.path.abspath(source.name) for source in places}
    for target in targets.values():
        if os.path.abspath(target) in inputs:
            raise UserError(f'the drawing would replace the input {target}; choose another --out')
    return targets
