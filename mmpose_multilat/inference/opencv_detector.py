"""The face detector that OpenCV brings along: a cascade of Haar features for frontal faces."""

import math
import os

import cv2
import numpy as np

from .boxes import Box

CASCADE = 'haarcascade_frontalface_alt2.xml'
"""Of the frontal ones in opencv-python 4.11 the fastest (by 1.5 times or more), and it finds about
as many faces: with 5 and 3 neighbours 389 and 392 of 400 frames of YouTube, 37 and 40 of the 43
faces of nine group photos, there with 0 and 2 false alarms."""

SCALE_STEP = 1.1
NEIGHBOURS = 4
"""A face is found by so many overlapping windows; fewer find more faces and more false alarms."""

LONGEST_SIDE = 1280
"""Larger images are searched reduced to this many px, or one of them would take minutes."""

SMALLEST_FACE = 24
"""In px of the searched image; the cascade was trained with 20."""

SMALLEST_SHARE = 0.03
"""A face takes at least this part of the image's longer side; smaller ones cost much time."""

CENTRE = (0.50, 0.65)
SIDE = 0.84
"""Centre and side of the landmarks' box as parts of the found square, medians of 400 frames of
YouTube with 68 landmarks. Networks are trained with boxes of landmarks, from the brows to the chin,
while the cascade frames a face from the middle of the forehead on."""


class OpenCVDetector:
    """Finds frontal, upright faces."""

    def __init__(self) -> None:
        # The data folder of opencv-python; it is no part of every build of OpenCV.
        self._cascade = cv2.CascadeClassifier(os.path.join(cv2.data.haarcascades, CASCADE))

    def __call__(self, image: np.ndarray) -> list[Box]:
        """Boxes of landmarks from left to right, with the cascade's confidence (no probability).

        Args:
            image: (h, w, 3) uint8 BGR.
        """
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        reduction = max(1.0, max(grey.shape) / LONGEST_SIDE)
        if reduction > 1:
            size = [max(1, round(side / reduction)) for side in grey.shape[::-1]]
            grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
        smallest = max(SMALLEST_FACE, math.ceil(SMALLEST_SHARE * max(grey.shape)))
        squares, _, scores = self._cascade.detectMultiScale3(
            grey, SCALE_STEP, NEIGHBOURS, minSize=(smallest, smallest), outputRejectLevels=True
        )
        found = sorted(zip(map(tuple, np.asarray(squares).tolist()), scores))
        return [_landmark_box(square, float(score), reduction) for square, score in found]


def _landmark_box(square: tuple[int, ...], score: float, reduction: float) -> Box:
    x, y, width, height = (reduction * value for value in square)
    return Box(
        x=x + (CENTRE[0] - SIDE / 2) * width,
        y=y + (CENTRE[1] - SIDE / 2) * height,
        width=SIDE * width,
        height=SIDE * height,
        score=score,
    )
