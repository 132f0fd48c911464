"""Running the network in batches across faces and pictures; results in the order of pictures."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Optional

import numpy as np

from .boxes import Box, BoxFinder
from .crops import Crop, join_regions
from .frames import Frame
from .landmark_model import LandmarkModel
from .problems import Problems

MOST_WAITING = 256 * 2**20
"""Bytes of pictures that may wait for their batch to fill up."""

MOST_PICTURES = 256
"""Pictures that may wait; a long film without faces must not hold back the ones before."""

EdgeFinder = Callable[[np.ndarray], np.ndarray]
"""Edges (B, K, K) between the landmarks of (B, h, w, 3) uint8 BGR crops."""


@dataclass
class Face:
    """A face in a picture.

    Attributes:
        box: Its box in px of the picture.
        keypoints: (K, 2) landmarks (x, y) in px of the picture.
        scores: (K,) scores.
        covariances: (K, 2, 2) in squared px of the picture, None where they are not asked for.
        edges: (K, K) how much each landmark listened to each, None where they are not asked for.
        track: Number of the person in a smoothed video, None otherwise.
        smoothed: (K, 2) smoothed landmarks (x, y) in px of the picture, None otherwise.
    """

    box: Box
    keypoints: np.ndarray
    scores: np.ndarray
    covariances: Optional[np.ndarray] = None
    edges: Optional[np.ndarray] = None
    track: Optional[int] = None
    smoothed: Optional[np.ndarray] = None


@dataclass
class FrameFaces:
    """A picture with its faces, in the order of their boxes."""

    frame: Frame
    faces: list[Face] = field(default_factory=list)


@dataclass
class _Waiting:
    """A picture whose faces are partly still to be calculated."""

    result: FrameFaces
    crops: deque[tuple[Box, Crop]]


def predict_frames(
    frames: Iterable[Frame],
    find_boxes: BoxFinder,
    cut: Callable[[Frame, Box], Crop],
    model: LandmarkModel,
    batch_size: int,
    find_edges: Optional[EdgeFinder] = None,
) -> Iterator[FrameFaces]:
    """Find the landmarks of all faces.

    A batch holds faces of several pictures, and a picture's faces may fall into several batches.

    Args:
        frames: Pictures.
        find_boxes: Finds the faces of a picture.
        cut: Cuts a face out.
        model: The network.
        batch_size: Most faces in a batch.
        find_edges: Finds the edges between the landmarks of crops, None to leave them out.

    Yields:
        Every picture in order, also one without faces.
    """
    waiting: deque[_Waiting] = deque()
    for frame in frames:
        crops = deque((box, cut(frame, box)) for box in find_boxes(frame))
        waiting.append(_Waiting(FrameFaces(frame), crops))
        while _is_full(waiting, batch_size):
            _run_batch(waiting, model, batch_size, find_edges)
            yield from _finished(waiting)
        yield from _finished(waiting)
    while waiting:
        _run_batch(waiting, model, batch_size, find_edges)
        yield from _finished(waiting)


def _is_full(waiting: deque[_Waiting], batch_size: int) -> bool:
    """Whether the faces fill a batch, or too many pictures wait for that."""
    faces = sum(len(each.crops) for each in waiting)
    content = sum(each.result.frame.picture.nbytes for each in waiting)
    too_much = content > MOST_WAITING or len(waiting) > MOST_PICTURES
    return faces >= batch_size or (faces > 0 and too_much)


def _run_batch(
    waiting: deque[_Waiting],
    model: LandmarkModel,
    batch_size: int,
    find_edges: Optional[EdgeFinder],
) -> None:
    """Calculate the first faces that wait, at most a batch."""
    batch = []
    for each in waiting:
        while each.crops and len(batch) < batch_size:
            batch.append((each.result.faces, *each.crops.popleft()))
    crops = [crop for *_, crop in batch]
    pictures = np.stack([crop.picture for crop in crops])
    found = model(pictures).to_image(join_regions(crops))
    parts = [part.numpy() for part in found if part is not None]
    new = [Face(box, *parts_of_face) for (_, box, _), *parts_of_face in zip(batch, *parts)]
    if find_edges is not None:
        for face, edges in zip(new, find_edges(pictures)):
            face.edges = edges
    for (faces, *_), face in zip(batch, new):
        faces.append(face)


def _finished(waiting: deque[_Waiting]) -> Iterator[FrameFaces]:
    """Take away the first pictures as long as none of their faces waits."""
    while waiting and not waiting[0].crops:
        yield waiting.popleft().result


def drop_doubtful(results: Iterable[FrameFaces], min_score: float) -> Iterator[FrameFaces]:
    """Leave out faces that the network itself does not recognise.

    Args:
        results: Pictures with their faces.
        min_score: Smallest mean score of a face's landmarks.
    """
    for result in results:
        result.faces = [face for face in result.faces if np.mean(face.scores) >= min_score]
        yield result


def report_unanswered(results: Iterable[FrameFaces], problems: Problems) -> Iterator[FrameFaces]:
    """Report in how many faces the network found nothing, in the end and in one line.

    No landmark has a score above 0 there, as where its output is empty or not finite.

    Args:
        results: Pictures with their faces, which stay as they are.
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
