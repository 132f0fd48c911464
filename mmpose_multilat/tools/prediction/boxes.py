"""Where the faces are: from a file, or the whole picture; detectors are in files of their own."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from mmpose_multilat.tools.command_line import UserError

from .frames import Frame
from .inputs import Source
from .problems import Problems

SMALLEST_BOX = 1.0
"""Sides below one px, and negative ones, are mistakes of what made the box."""

LARGEST_BOX = 1e6
"""Far beyond every picture; larger ones leave float32, in which MMPose calculates."""

BOXES_FORMAT = (
    'a JSON object with a list of boxes [x, y, w, h] for each file, for example '
    '{"a.jpg": [[10, 20, 64, 64]], "film.mp4": [[5, 5, 90, 90]]}'
)


@dataclass(frozen=True)
class Box:
    """A face's box in px of the picture.

    Attributes:
        x: Left side.
        y: Upper side.
        width: Width w.
        height: Height h.
        score: Confidence of the detector; None where there is none.
    """

    x: float
    y: float
    width: float
    height: float
    score: Optional[float] = None

    @property
    def corners(self) -> tuple[float, float, float, float]:
        """Left, upper, right and lower side, as MMPose takes them."""
        return self.x, self.y, self.x + self.width, self.y + self.height


BoxFinder = Callable[[Frame], list[Box]]
"""Gives the boxes of a picture, in an order that depends on the picture alone."""


def whole_picture(frame: Frame) -> list[Box]:
    """One box round all of the picture."""
    height, width = frame.picture.shape[:2]
    return [Box(0.0, 0.0, float(width), float(height))]


def check_box(box: Box, frame: Frame) -> str:
    """Why a box cannot be used, '' if it can; it may reach beyond the picture."""
    height, width = frame.picture.shape[:2]
    if box.width < SMALLEST_BOX or box.height < SMALLEST_BOX:
        return f'{_text(box)} is empty; w and h must be at least {SMALLEST_BOX:g} px'
    if box.width > LARGEST_BOX or box.height > LARGEST_BOX:
        return f'{_text(box)} is larger than {LARGEST_BOX:.0f} px'
    left, top, right, bottom = box.corners
    if right <= 0 or bottom <= 0 or left >= width or top >= height:
        return f'{_text(box)} lies outside the picture of {width} x {height} px'
    return ''


def usable_boxes(boxes: Sequence[Box], frame: Frame, problems: Problems) -> list[Box]:
    """Keep the boxes that can be used, report the others."""
    usable = []
    for number, box in enumerate(boxes):
        reason = check_box(box, frame)
        if reason:
            problems.skip(f'box {number} of {frame.name}', reason)
        else:
            usable.append(box)
    return usable


def _text(box: Box) -> str:
    return f'[{box.x:g}, {box.y:g}, {box.width:g}, {box.height:g}]'


class BoxesOfFile:
    """Boxes that the user knows.

    A file is looked up by its path as given on the command line, then by its name alone. The boxes
    of a video hold for all of its frames. A file that is not listed has no faces.

    Args:
        path: The JSON file, see `BOXES_FORMAT`.
        sources: What will be read.
        problems: Is told which files are not listed.

    Raises:
        UserError: If it cannot be read, has another form, or lists none of the sources.
    """

    def __init__(self, path: Path, sources: Sequence[Source], problems: Problems) -> None:
        boxes = read_boxes(path)
        self._boxes = {source: _look_up(boxes, source.name) for source in sources}
        missing = [source.name for source, found in self._boxes.items() if found is None]
        if len(missing) == len(sources):
            raise UserError(
                f'--boxes {path} lists none of the inputs, for example not {missing[0]}; its keys '
                'are paths as on the command line, or names of files'
            )
        if missing:
            problems.note(
                f'{path} lists no boxes for {len(missing)} of {len(sources)} inputs, for example '
                f'{missing[0]}; they are taken to have no faces'
            )

    def __call__(self, frame: Frame) -> list[Box]:
        """Boxes of a picture in the order of the file."""
        return self._boxes[frame.source] or []


def _look_up(boxes: Mapping[str, list[Box]], name: str) -> Optional[list[Box]]:
    found = boxes.get(name)
    return boxes.get(Path(name).name) if found is None else found


def read_boxes(path: Path) -> dict[str, list[Box]]:
    """Read a file of boxes.

    Args:
        path: The JSON file, see `BOXES_FORMAT`.

    Returns:
        Boxes by key.

    Raises:
        UserError: If it cannot be read or has another form.
    """
    try:
        content = json.loads(path.read_text(encoding='utf-8-sig'))
    except OSError as error:
        raise UserError(f'--boxes {path} cannot be read: {error.strerror}') from error
    except (ValueError, RecursionError) as error:  # no JSON, no UTF-8, or too many brackets
        raise UserError(f'--boxes {path} is no JSON: {error}; it must be {BOXES_FORMAT}') from error
    if not isinstance(content, dict):
        raise UserError(f'--boxes {path} holds no object; it must be {BOXES_FORMAT}')
    return {Path(name).as_posix(): _read_list(path, name, each) for name, each in content.items()}


def _read_list(path: Path, name: str, content: Any) -> list[Box]:
    if not isinstance(content, list) or not all(map(_is_box, content)):
        raise UserError(
            f'--boxes {path}: {name} has {json.dumps(content)[:60]}; it must be {BOXES_FORMAT}'
        )
    return [Box(*map(float, box)) for box in content]


def _is_box(content: Any) -> bool:
    return isinstance(content, list) and len(content) == 4 and all(map(_is_finite, content))


def _is_finite(content: Any) -> bool:
    if isinstance(content, bool) or not isinstance(content, (int, float)):
        return False
    try:
        return math.isfinite(content)
    except OverflowError:  # JSON has whole numbers of any length, floats end at 1.8e308
        return False
