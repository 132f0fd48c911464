"""Images of a program as frames: arrays, files and films."""

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from os import PathLike, fspath
from typing import Any, Optional, Union

import numpy as np

from mmpose_multilat.errors import UserError
from mmpose_multilat.visualization import as_colour

from .boxes import AnyBox, as_boxes, check_box
from .frames import Frame, read_frame, read_frames
from .inputs import IMAGE, VIDEO, WEBCAM, Source
from .problems import RaisedProblems
from .readings import GREY, STORED, Reading

AnyImage = Union[np.ndarray, str, PathLike]
"""(h, w, 3) uint8 BGR, (h, w) grey, what else the network takes, or the path of a file."""

Film = Union[str, PathLike, int]
"""Path of a video, or index of a webcam."""


def frames_of(
    images: Iterable[AnyImage],
    reading: Reading,
    boxes: Optional[Iterable[Optional[Iterable[AnyBox]]]] = None,
) -> Iterator[Frame]:
    """Make frames of images, one after the other.

    Args:
        images: Arrays and files.
        reading: How the network wants its images.
        boxes: Boxes of each image, None for one whose faces are to be found.

    Raises:
        UserError: If an image or a box cannot be used, or there are more of one than of the other.
    """
    pairs = zip(images, itertools.repeat(None)) if boxes is None else _pairs(images, boxes)
    for number, (image, known) in enumerate(pairs):
        frame = frame_of(image, reading, f'image {number}')
        yield frame if known is None else _with_boxes(frame, known)


def _pairs(images: Iterable[Any], boxes: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """Images with their boxes."""
    missing = object()
    for pair in itertools.zip_longest(images, boxes, fillvalue=missing):
        if any(each is missing for each in pair):
            raise UserError('`boxes` must hold one list for each image, and holds more or fewer')
        yield pair


def _with_boxes(frame: Frame, boxes: Iterable[AnyBox]) -> Frame:
    known = tuple(as_boxes(boxes))
    for box in known:
        reason = check_box(box, frame.image)
        if reason:
            raise UserError(f'a box of {frame.name} cannot be used: {reason}')
    return replace(frame, boxes=known)


def frame_of(image: AnyImage, reading: Reading, name: str) -> Frame:
    """An image as people and as the network see it.

    Args:
        image: An array or a file.
        reading: How the network wants its images.
        name: Of an array, for messages.

    Raises:
        UserError: If it cannot be used.
    """
    is_array = isinstance(image, np.ndarray)
    source = Source(IMAGE, name if is_array else fspath(image))
    try:
        return _frame_of_array(image, source, reading) if is_array else read_frame(source, reading)
    except ValueError as error:
        raise UserError(f'{source.name} {error}') from error


def _frame_of_array(image: np.ndarray, source: Source, reading: Reading) -> Frame:
    """A frame of an array, without a copy where that is possible; raises `ValueError`."""
    if not image.size:
        raise ValueError(f'is empty, its shape is {image.shape}')
    if reading.color_type == STORED:
        reading.check(image)
        return Frame(source, as_colour(image), shown=image)
    if image.dtype != np.uint8 or image.shape[2:] not in ((), (3,)) or image.ndim < 2:
        raise ValueError(f'must be uint8 (h, w, 3) BGR or (h, w), got {image.dtype} {image.shape}')
    colour = as_colour(image)
    is_grey = reading.color_type == GREY and image.ndim == 2
    return Frame(source, colour, shown=image if is_grey else reading.convert(colour))


def frames_of_film(
    film: Union[Film, Iterable[AnyImage]], reading: Reading, rate: float
) -> Iterator[Frame]:
    """The frames of a film with their times.

    Args:
        film: Path of a video, index of a webcam, or images that follow each other.
        reading: How the network wants its images.
        rate: Images per second, if these are images.

    Raises:
        UserError: If the film cannot be read, or `rate` is not above 0.
    """
    if isinstance(film, int):
        yield from read_frames([Source(WEBCAM, str(film))], RaisedProblems(), reading=reading)
    elif isinstance(film, (str, PathLike)):
        yield from read_frames([Source(VIDEO, fspath(film))], RaisedProblems(), reading=reading)
    else:
        if not (math.isfinite(rate) and rate > 0):
            raise UserError(f'`rate` {rate} must be above 0')
        source = Source(VIDEO, 'film')
        for index, frame in enumerate(frames_of(film, reading)):
            yield replace(frame, source=source, index=index, time=index / rate, rate=rate)
