"""Boxes that the user knows, in a file."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Optional

from mmpose_multilat.errors import UserError

from .boxes import Box, check_box
from .frames import Frame
from .inputs import Source
from .problems import Problems

BOXES_FORMAT = (
    'a JSON object with a list of boxes [x, y, w, h] for each file, for example '
    '{"a.jpg": [[10, 20, 64, 64]], "film.mp4": [[5, 5, 90, 90]]}'
)


def with_boxes(
    frames: Iterable[Frame], known: 'BoxesOfFile', problems: Problems
) -> Iterator[Frame]:
    """Give images and frames the boxes that are known; reported are those that cannot be used."""
    for frame in frames:
        yield replace(frame, boxes=tuple(usable_boxes(known(frame), frame, problems)))


def usable_boxes(boxes: Sequence[Box], frame: Frame, problems: Problems) -> list[Box]:
    """Keep the boxes that can be used, report the others."""
    usable = []
    for number, box in enumerate(boxes):
        reason = check_box(box, frame.image)
        if reason:
            problems.skip(f'box {number} of {frame.name}', reason)
        else:
            usable.append(box)
    return usable


class BoxesOfFile:
    """Boxes that the user knows.

    A file is looked up by its path as it was given, then by its name alone. The boxes
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
                f'`boxes` {path} lists none of the inputs, for example not {missing[0]}; its keys '
                'are the paths of the inputs as they were given, or names of files'
            )
        if missing:
            problems.note(
                f'{path} lists no boxes for {len(missing)} of {len(sources)} inputs, for example '
                f'{missing[0]}; they are taken to have no faces'
            )

    def __call__(self, frame: Frame) -> list[Box]:
        """Boxes of an image or frame in the order of the file."""
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
        raise UserError(f'`boxes` {path} cannot be read: {error.strerror}') from error
    except (ValueError, RecursionError) as error:  # no JSON, no UTF-8, or too many brackets
        raise UserError(f'`boxes` {path} is no JSON: {error}; it must be {BOXES_FORMAT}') from error
    if not isinstance(content, dict):
        raise UserError(f'`boxes` {path} holds no object; it must be {BOXES_FORMAT}')
    return {Path(name).as_posix(): _read_list(path, name, each) for name, each in content.items()}


def _read_list(path: Path, name: str, content: Any) -> list[Box]:
    if not isinstance(content, list) or not all(map(_is_box, content)):
        raise UserError(
            f'`boxes` {path}: {name} has {json.dumps(content)[:60]}; it must be {BOXES_FORMAT}'
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
