"""Running the network in batches across faces and images; results in the order of images."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from .boxes import Box
from .crops import Crop, join_regions
from .faces import Face, FrameFaces
from .frames import Frame
from .networks import LandmarkNetwork
from .problems import Problems

MOST_WAITING = 256 * 2**20
"""Bytes of images that may wait for their batch to fill up."""

MOST_IMAGES = 256
"""Images that may wait; a long film without faces must not hold back the ones before."""

BoxFinder = Callable[[Frame], Iterable[Box]]
"""Gives the boxes of an image, in order."""


@dataclass
class _Waiting:
    """An image whose faces are partly still to be calculated."""

    result: FrameFaces
    crops: deque[tuple[Box, Crop]]


def predict_frames(
    frames: Iterable[Frame],
    find_boxes: BoxFinder,
    cut: Callable[[Frame, Box], Crop],
    network: LandmarkNetwork,
    batch_size: int,
) -> Iterator[FrameFaces]:
    """Find the landmarks of all faces.

    A batch holds faces of several images, and an image's faces may fall into several batches.

    Args:
        frames: Images.
        find_boxes: Finds the faces of an image.
        cut: Cuts a face out.
        network: Finds landmarks in crops.
        batch_size: Most faces in a batch.

    Yields:
        Every image in order, also one without faces.
    """
    waiting: deque[_Waiting] = deque()
    for frame in frames:
        crops = deque((box, cut(frame, box)) for box in find_boxes(frame))
        waiting.append(_Waiting(FrameFaces(frame), crops))
        while _is_full(waiting, batch_size):
            _run_batch(waiting, network, batch_size)
            yield from _finished(waiting)
        yield from _finished(waiting)
    while waiting:
        _run_batch(waiting, network, batch_size)
        yield from _finished(waiting)


def _is_full(waiting: deque[_Waiting], batch_size: int) -> bool:
    """Whether the faces fill a batch, or too many images wait for that."""
    faces = sum(len(each.crops) for each in waiting)
    content = sum(each.result.frame.image.nbytes for each in waiting)
    too_much = content > MOST_WAITING or len(waiting) > MOST_IMAGES
    return faces >= batch_size or (faces > 0 and too_much)


def _run_batch(waiting: deque[_Waiting], network: LandmarkNetwork, batch_size: int) -> None:
    """Calculate the first faces that wait, at most a batch."""
    batch = []
    for each in waiting:
        while each.crops and len(batch) < batch_size:
            batch.append((each.result.faces, *each.crops.popleft()))
    crops = [crop for *_, crop in batch]
    found = network(np.stack([crop.image for crop in crops])).to_image(join_regions(crops))
    parts = ([None] * len(batch) if part is None else part for part in found)
    for (faces, box, _), *parts_of_face in zip(batch, *parts):
        faces.append(Face(box, *parts_of_face))


def _finished(waiting: deque[_Waiting]) -> Iterator[FrameFaces]:
    """Take away the first images as long as none of their faces waits."""
    while waiting and not waiting[0].crops:
        yield waiting.popleft().result


def drop_doubtful(results: Iterable[FrameFaces], min_score: float) -> Iterator[FrameFaces]:
    """Leave out faces that the network itself does not recognise.

    Args:
        results: Images with their faces.
        min_score: Smallest mean score of a face's landmarks.
    """
    for result in results:
        result.faces = [face for face in result.faces if np.mean(face.scores) >= min_score]
        yield result


def report_unanswered(results: Iterable[FrameFaces], problems: Problems) -> Iterator[FrameFaces]:
    """Report in how many faces the network found nothing, in the end and in one line.

    No landmark has a score above 0 there, as where its output is empty or not finite.

    Args:
        results: Images with their faces, which stay as they are.
        problems: Is told.
    """
    count, first = 0, ''
    for result in results:
        unanswered = sum(not (face.scores > 0).any() for face in result.faces)
        first = first or (result.frame.name if unanswered else '')
        count += unanswered
        yield result
    if count:
        problems.doubt(
            f'in {count} faces no landmark has a score above 0, first in {first}; the output of '
            'the network is empty or not finite there, so check its weights'
        )
