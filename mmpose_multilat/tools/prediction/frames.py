"""Reading pictures, videos and webcams, one picture at a time."""

import itertools
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

import cv2
import numpy as np

from mmpose_multilat.visualization import as_colour

from .formats import DEEP_SUFFIXES, RAW, UNREAD_SUFFIXES
from .inputs import PICTURE, WEBCAM, Source
from .orientation import open_upright, orientation_of, turn_upright
from .problems import Problems
from .readings import COLOUR, GREY, IN_COLOUR, Reading

LARGEST_SIDE = 2**15 - 2
"""OpenCV cuts crops out of pictures of at most so many px a side (16-bit coordinates)."""

MOST_BYTES = 2
"""Of a number in a picture that OpenCV reduces to 8 bits properly."""

DEFAULT_RATE = 25.0
"""Frames per second of a video that does not say its rate."""


@dataclass(frozen=True)
class Frame:
    """A picture, or one frame of a video.

    Attributes:
        source: Where it comes from.
        picture: (h, w, 3) uint8 BGR, turned upright as the file says.
        index: Number of the frame, from 0; None for a picture.
        time: Seconds since the first frame, larger for every frame; None for a picture.
        rate: Frames per second of the video; None for a picture.
        image: (h, w) or (h, w, C) what the network is shown of it; None for the picture itself.
    """

    source: Source
    picture: np.ndarray
    index: Optional[int] = None
    time: Optional[float] = None
    rate: Optional[float] = None
    image: Optional[np.ndarray] = None

    @property
    def name(self) -> str:
        """For messages."""
        frame = '' if self.index is None else f', frame {self.index}'
        return f'{self.source.name}{frame}'


def read_frames(
    sources: Sequence[Source],
    problems: Problems,
    most: Optional[int] = None,
    reading: Reading = IN_COLOUR,
) -> Iterator[Frame]:
    """Read everything, in order.

    Args:
        sources: What to read.
        problems: Is told what cannot be read.
        most: Frames of each video or webcam to read, None for all.
        reading: How the network wants its images.

    Yields:
        Pictures and frames.
    """
    for source in sources:
        if source.kind != PICTURE:
            yield from _read_video(source, problems, most, reading)
            continue
        try:
            frame = _read_frame(source, reading)
        except ValueError as error:
            problems.skip(source.name, str(error))
        else:
            yield frame


def _read_frame(source: Source, reading: Reading) -> Frame:
    """A picture as people and as the network see it; raises like `read_picture`."""
    if reading.color_type == COLOUR:
        return Frame(source, read_picture(source.name))
    image = _read_by(reading.decode, source.name)
    if reading.color_type == GREY:
        return Frame(source, read_picture(source.name), image=image)
    return Frame(source, as_colour(image), image=image)


def read_picture(path: str) -> np.ndarray:
    """Read a picture as MMPose's `LoadImage` does, but turned upright in every format.

    OpenCV reduces 16 bits to 8, makes three channels of grey and drops transparency.

    Args:
        path: The file; any characters.

    Returns:
        (h, w, 3) uint8 BGR.

    Raises:
        ValueError: If it cannot be read completely, or is larger than can be cropped.
    """
    may_be_deep = Path(path).suffix.lower() in DEEP_SUFFIXES
    return _read_by(lambda content: _decode(content, may_be_deep), path)


def _read_by(decode: Callable[[bytes], Optional[np.ndarray]], path: str) -> np.ndarray:
    """What a file decodes to; raises like `read_picture`."""
    unread = UNREAD_SUFFIXES.get(Path(path).suffix.lower())
    try:
        # Unlike cv2.imread this opens file names with any characters, and refuses a truncated file.
        content = Path(path).read_bytes()
        picture = None if unread == RAW else decode(content)
    except OSError as error:
        raise ValueError(f'cannot be read: {error.strerror}') from error
    except cv2.error as error:  # an empty file, or more pixels than OpenCV allows
        raise ValueError(f'OpenCV cannot read it: {error.err or error}') from error
    if picture is None and unread:
        raise ValueError(f'is {unread}, which OpenCV does not read; save it as JPEG or PNG')
    if picture is None:
        raise ValueError('is no picture that OpenCV can read, or not complete')
    if max(picture.shape[:2]) > LARGEST_SIDE:
        height, width = picture.shape[:2]
        raise ValueError(
            f'{width} x {height} px; faces can be cut out of pictures of up to {LARGEST_SIDE} px a '
            'side, so reduce it'
        )
    return picture


def _decode(content: bytes, may_be_deep: bool) -> Optional[np.ndarray]:
    """(h, w, 3) uint8 BGR, upright; None if OpenCV cannot read it."""
    data = np.frombuffer(content, np.uint8)
    if may_be_deep:
        _check_depth(data)
    orientation = orientation_of(content)
    if orientation is None:
        return cv2.imdecode(data, cv2.IMREAD_COLOR)
    picture = cv2.imdecode(data, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    return None if picture is None else turn_upright(picture, orientation)


def _check_depth(content: np.ndarray) -> None:
    """Refuse the (N,) bytes of a picture whose brightness OpenCV does not keep.

    Raises:
        ValueError: If its numbers have more than 16 bits.
    """
    picture = cv2.imdecode(content, cv2.IMREAD_UNCHANGED)
    if picture is not None and picture.dtype.itemsize > MOST_BYTES:
        raise ValueError(f'holds {picture.dtype} numbers; save it with 8 or 16 bits a channel')


def count_frames(sources: Sequence[Source], most: Optional[int] = None) -> Optional[int]:
    """How many frames there will be, None if that is not known.

    Videos say it in their headers, not always exactly; webcams have no end.

    Args:
        sources: What will be read.
        most: See `read_frames`.
    """
    total = 0
    for source in sources:
        count = _announced_frames(source)
        if count is None and most is None:
            return None
        total += count if most is None or not source.moves else min(most, count or most)
    return total


def _announced_frames(source: Source) -> Optional[int]:
    if source.kind == PICTURE:
        return 1
    if source.kind == WEBCAM:
        return None
    capture = cv2.VideoCapture(source.name)
    opened, count = capture.isOpened(), capture.get(cv2.CAP_PROP_FRAME_COUNT)
    capture.release()
    if not opened:
        return 0
    return int(count) if math.isfinite(count) and count > 0 else None


def _read_video(
    source: Source, problems: Problems, most: Optional[int], reading: Reading
) -> Iterator[Frame]:
    capture, turned = open_upright(int(source.name) if source.kind == WEBCAM else source.name)
    if turned:
        problems.doubt(f'{source.name} {turned}')
    announced = capture.get(cv2.CAP_PROP_FRAME_COUNT)
    count = 0
    try:
        for frame in _frames_of(source, capture, most, reading):
            count += 1
            yield frame
    except ValueError as error:
        problems.skip(source.name, str(error))
        return
    finally:
        capture.release()
    if not count:
        webcam = 'there is no such webcam, or another program uses it'
        video = 'is no video that OpenCV can read, or holds no frame'
        problems.skip(source.name, webcam if source.kind == WEBCAM else video)
    elif count < announced and count != most:
        problems.note(f'{source.name} announces {announced:.0f} frames, {count} could be read')


def _frames_of(
    source: Source, capture: cv2.VideoCapture, most: Optional[int], reading: Reading
) -> Iterator[Frame]:
    rate = capture.get(cv2.CAP_PROP_FPS)
    rate = rate if math.isfinite(rate) and rate > 0 else DEFAULT_RATE
    first = seconds = 0.0
    for index in itertools.count() if most is None else range(most):
        done, picture = capture.read()
        if not done:
            return
        now = _clock(source, capture)
        first = now if index == 0 else first
        # Where the file has no times, or wrong ones, frames follow each other at its rate.
        late = seconds + 1 / rate if index else 0.0
        seconds = now - first if now - first > seconds else late
        yield Frame(source, picture, index, seconds, rate, reading.convert(picture))


def _clock(source: Source, capture: cv2.VideoCapture) -> float:
    """Time of the frame that was just read, in seconds from any start."""
    if source.kind == WEBCAM:
        return time.monotonic()
    return capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
