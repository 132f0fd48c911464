"""Who is who in a video: faces whose boxes overlap in successive frames are one person."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Optional

import numpy as np

from .faces import Face, FrameFaces
from .inputs import Source
from .smoothing import OneEuroSettings, OneEuroState, one_euro_step, start_one_euro

SMALLEST_OVERLAP = 0.3
"""Intersection over union of two boxes of one person. A face moves little between two frames, and
boxes of two persons hardly overlap, so much is not needed."""

LONGEST_GAP = 0.5
"""Seconds for which a face may be missed without becoming another person."""


def box_overlaps(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Intersection over union of all pairs of boxes.

    Args:
        first: (N, 4) left, upper, right and lower side.
        second: (M, 4) the same.

    Returns:
        (N, M) in [0, 1]; 0 where both boxes are empty.
    """
    first, second = (np.asarray(boxes, np.float64) for boxes in (first, second))
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(-1)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(-1) for boxes in (first, second)]
    union = areas[0][:, None] + areas[1][None] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def match_boxes(first: np.ndarray, second: np.ndarray) -> list[tuple[int, int]]:
    """Pair boxes, those with the largest overlap first.

    Args:
        first: (N, 4) left, upper, right and lower side.
        second: (M, 4) the same.

    Returns:
        Pairs of indices; each box is in one pair at most.
    """
    overlaps = box_overlaps(first, second)
    pairs = []
    while overlaps.size and overlaps.max() >= SMALLEST_OVERLAP:
        row, column = np.unravel_index(overlaps.argmax(), overlaps.shape)
        pairs.append((int(row), int(column)))
        overlaps[row], overlaps[:, column] = 0, 0
    return pairs


@dataclass
class _Track:
    number: int
    corners: tuple[float, ...]
    state: OneEuroState


class FaceSmoother:
    """Numbers the persons of a video and smooths their landmarks.

    Args:
        settings: Strength of the filter.
    """

    def __init__(self, settings: OneEuroSettings) -> None:
        self._settings = settings
        self._source: Optional[Source] = None
        self._tracks: list[_Track] = []
        self._count = 0

    def __call__(self, results: Iterable[FrameFaces]) -> Iterator[FrameFaces]:
        """Add `track` and `smoothed` to the faces of videos and webcams; images stay."""
        for result in results:
            if result.frame.source.moves:
                self._smooth(result)
            yield result

    def _smooth(self, result: FrameFaces) -> None:
        frame = result.frame
        if frame.source != self._source:
            self._source, self._tracks, self._count = frame.source, [], 0
        self._tracks = [
            track for track in self._tracks if frame.time - track.state.time <= LONGEST_GAP
        ]
        found = self._known_faces(result.faces)
        for place, face in enumerate(result.faces):
            self._update(found.get(place), face, frame.time)

    def _known_faces(self, faces: list[Face]) -> dict[int, _Track]:
        """Tracks by place of their face."""
        before = np.array([track.corners for track in self._tracks]).reshape(-1, 4)
        now = np.array([face.box.corners for face in faces]).reshape(-1, 4)
        return {place: self._tracks[row] for row, place in match_boxes(before, now)}

    def _update(self, track: Optional[_Track], face: Face, time: float) -> None:
        if track is None:
            track = _Track(self._count, (), start_one_euro(face.landmarks, time))
            self._tracks.append(track)
            self._count += 1
        else:
            side = math.sqrt(face.box.width * face.box.height)
            track.state = one_euro_step(track.state, face.landmarks, time, side, self._settings)
        track.corners = face.box.corners
        face.track, face.smoothed = track.number, track.state.points
