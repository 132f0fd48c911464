"""What is found in images."""

from dataclasses import dataclass, field
from typing import Optional

import numpy as np

from .boxes import Box
from .frames import Frame


@dataclass
class Face:
    """A face in an image. Coordinates are px of the image, pixel centres are whole numbers.

    Attributes:
        box: Its box.
        landmarks: (K, 2) landmarks (x, y).
        scores: (K,) scores, 0 where a landmark is not to be trusted.
        covariances: (K, 2, 2) covariances [[xx, xy], [xy, yy]] of the likely errors in squared px,
            NaN where the score is 0; None where they are not asked for.
        edges: (K, K) how much each landmark listened to each, None where they are not asked for.
        track: Number of the person in a film that is followed, None otherwise.
        smoothed: (K, 2) smoothed landmarks (x, y) in such a film, None otherwise.
    """

    box: Box
    landmarks: np.ndarray
    scores: np.ndarray
    covariances: Optional[np.ndarray] = None
    edges: Optional[np.ndarray] = None
    track: Optional[int] = None
    smoothed: Optional[np.ndarray] = None


@dataclass
class FrameFaces:
    """An image with its faces, in the order of their boxes."""

    frame: Frame
    faces: list[Face] = field(default_factory=list)
