"""The lines of JSON that predictions are written to."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Optional

import numpy as np

from mmpose_multilat.landmarks.whole_files import part_of

from .faces import Face, FrameFaces
from .part_files import PartWriter, settle

LINES = 'predictions.jsonl'

DECIMALS = 3
"""Of px and scores: far below every error of a network."""

SIGNIFICANT_DIGITS = 6
"""Of covariances, whose size says nothing of how exact they are."""


def record(result: FrameFaces) -> dict[str, Any]:
    """What a line of the result file says.

    Args:
        result: An image with its faces.

    Returns:
        file, frame (from 0) and time in seconds (null for images), width and height in px, and
        for each face: box [x, y, w, h], box_score (null where there is none), keypoints
        [[x, y], ...] and scores; covariances [[[xx, xy], [xy, yy]], ...] in squared px where they
        are asked for, four times null for a landmark that is not to be trusted; track and smoothed
        in smoothed videos. Coordinates are px of the image, pixel centres are whole numbers.
    """
    frame = result.frame
    height, width = frame.image.shape[:2]
    return dict(
        file=frame.source.name,
        frame=frame.index,
        time=_rounded(frame.time),
        width=width,
        height=height,
        faces=[_face_record(face) for face in result.faces],
    )


def _face_record(face: Face) -> dict[str, Any]:
    box = face.box
    content = dict(
        box=_rounded([box.x, box.y, box.width, box.height]),
        box_score=_rounded(box.score),
        keypoints=_rounded(face.landmarks),
        scores=_rounded(face.scores),
        covariances=_rounded(face.covariances, _to_significant),
        track=face.track,
        smoothed=_rounded(face.smoothed),
    )
    optional = ('covariances', 'track', 'smoothed')
    return {
        name: each for name, each in content.items() if each is not None or name not in optional
    }


def _to_decimals(value: float) -> float:
    return round(value, DECIMALS)


def _to_significant(value: float) -> float:
    return float(f'{value:.{SIGNIFICANT_DIGITS}g}')


def _rounded(values: Any, rounding: Callable[[float], float] = _to_decimals) -> Any:
    """Numbers as JSON knows them; what is not finite becomes null."""
    if values is None:
        return None
    values = np.asarray(values, np.float64)
    if values.ndim:
        return [_rounded(each, rounding) for each in values]
    return rounding(float(values)) if np.isfinite(values) else None


class LineWriter(PartWriter):
    """Writes one line of JSON for each image, in a file that gets its name when it is closed.

    In a `with` statement an error leaves a part of the file, see `settle`.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._part = path, part_of(path)
        self._file = self._part.open('wb')

    def write(self, result: FrameFaces) -> None:
        """Write a whole line, at once."""
        line = json.dumps(record(result), ensure_ascii=False, allow_nan=False) + '\n'
        # A file name that is no proper text must not stop the others.
        self._file.write(line.encode('utf-8', 'backslashreplace'))
        self._file.flush()

    def finish(self, ended_by: Optional[type[BaseException]]) -> None:
        """Give the file its name, see `PartWriter`."""
        try:
            self._file.close()
        except OSError:  # a full disk refuses the rest of a line once more
            if ended_by is None:
                raise
        settle(self._part, self._path, ended_by)
