"""Reading images, videos and webcams, one image at a time."""

import itertools
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Optional

import cv2
import numpy as np

from mmpose_multilat.visualization import as_colour

from .boxes import Box
from .image_files import read_by, read_image
from .inputs import IMAGE, WEBCAM, Source
from .orientation import open_upright
from .problems import Problems
from .readings import COLOUR, GREY, IN_COLOUR, Reading

DEFAULT_RATE = 25.0
"""Frames per second of a video that does not say its rate."""


@dataclass(frozen=True)
class Frame:
    """An image, or one frame of a video.

    Attributes:
        source: Where it comes from.
        image: (h, w, 3) uint8 BGR, turned upright as the file says.
        index: Number of the frame, from 0; None for an image.
        time: Seconds since the first frame, larger for every frame; None for an image.
        rate: Frames per second of the video; None for an image.
        shown: (h, w) or (h, w, C) what the network is shown of it; None for the image itself.
        boxes: Boxes of its faces where they are known; None if a detector is to find them.
    """

    source: Source
    image: np.ndarray
    index: Optional[int] = None
    time: Optional[float] = None
    rate: Optional[float] = None
    shown: Optional[np.ndarray] = None
    boxes: Optional[tuple[Box, ...]] = None

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
        Images and frames.
    """
    for source in sources:
        if source.kind != IMAGE:
            yield from _read_video(source, problems, most, reading)
            continue
        try:
            frame = read_frame(source, reading)
        except ValueError as error:
            problems.skip(source.name, str(error))
        else:
            yield frame


def read_frame(source: Source, reading: Reading) -> Frame:
    """An image as people and as the network see it; raises like `read_image`."""
    if reading.color_type == COLOUR:
        return Frame(source, read_image(source.name))
    image = read_by(reading.decode, source.name)
    if reading.color_type == GREY:
        return Frame(source, read_image(source.name), shown=image)
    return Frame(source, as_colour(image), shown=image)


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
    if source.kind == IMAGE:
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
        done, image = capture.read()
        if not done:
            return
        now = _clock(source, capture)
        first = now if index == 0 else first
        # Where the file has no times, or wrong ones, frames follow each other at its rate.
        late = seconds + 1 / rate if index else 0.0
        seconds = now - first if now - first > seconds else late
        yield Frame(source, image, index, seconds, rate, reading.convert(image))


def _clock(source: Source, capture: cv2.VideoCapture) -> float:
    """Time of the frame that was just read, in seconds from any start."""
    if source.kind == WEBCAM:
        return time.monotonic()
    return capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
