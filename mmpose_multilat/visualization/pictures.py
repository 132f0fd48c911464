"""Landmarks drawn into whole images, at the images' own resolution."""

from collections.abc import Sequence
from typing import Optional

import cv2
import numpy as np

from mmpose_multilat.landmarks import LandmarkScheme
from mmpose_multilat.landmarks.schemes import Line

POINT_COLOUR = (90, 255, 120)  # BGR
UNTRUSTED_COLOUR = (60, 90, 255)
CURVE_COLOUR = (255, 200, 60)
BOX_COLOUR = (255, 255, 255)
RIM_COLOUR = (30, 30, 30)

POINT_SHARE = 1 / 110
"""Radius of a point as a part of the face's side: dots that do not touch at 98 landmarks."""

SMALLEST_POINT = 0.6
"""Radius in px; smaller dots cannot be seen."""

LARGE_POINT = 2.0
"""Radius in px from which a dot gets a dark rim, for bright skin; it would hide a smaller one."""

RIM = 1.0
"""Width of that rim in px."""

LINE_SHARE = 1 / 260
"""Width of a line as a part of the face's side."""

SMALL_FACE = 64
"""Side in px of a face below which lines would hide everything."""

MEDIUM_FACE = 256
"""Side in px of a face below which dots of OpenCV look like crosses: it is drawn enlarged."""

ENLARGEMENT = 4

MARGIN = 8
"""Space in px round a face for the dots and lines at its border."""

SUBPIXEL_BITS = 4
"""OpenCV draws at 1/16 px when coordinates are shifted by this many bits."""

FARTHEST = 10**5
"""Wild predictions far outside the image must not overflow OpenCV's 32-bit integers."""

TEXT_SIZE = 0.5
TEXT_HEIGHT = 12


def draw_face(
    canvas: np.ndarray,
    keypoints: np.ndarray,
    scores: Optional[np.ndarray] = None,
    box: Optional[Sequence[float]] = None,
    label: str = '',
    scheme: Optional[LandmarkScheme] = None,
) -> None:
    """Draw the landmarks of one face into an image.

    Faces of a known annotation scheme get the lines of contour, brows, nose, eyes and lips, if they
    are large enough.

    Args:
        canvas: (h, w, 3) uint8 BGR image, changed in place.
        keypoints: (K, 2) landmarks (x, y) in px; those that are not finite are left out.
        scores: (K,) scores; landmarks of score 0 are red, for they are not to be trusted.
        box: The face's box [x, y, w, h] in px, not drawn if None.
        label: Text above the box.
        scheme: Of the K landmarks; None, or one without curves, draws dots alone.
    """
    keypoints = np.asarray(keypoints, np.float64)
    box = None if box is None else [float(each) for each in box]
    # Dots and lines of a box far beyond the image would cover all of it.
    side = min(_side(keypoints, box), float(max(canvas.shape[:2])))
    if box is not None:
        _draw_box(canvas, box, max(1, round(side * LINE_SHARE)), label)
    trusted = np.ones(len(keypoints), bool) if scores is None else np.asarray(scores) > 0
    factor = ENLARGEMENT if side < MEDIUM_FACE else 1
    left, top, right, bottom = _region(keypoints, canvas.shape)
    if left >= right or top >= bottom:
        return
    part = canvas[top:bottom, left:right]
    # Repeated and averaged again, the pixels that nothing is drawn on stay as they are.
    enlarged = np.ascontiguousarray(part.repeat(factor, 0).repeat(factor, 1))
    # Pixel centres are whole numbers, so the first one lies at (factor - 1) / 2 of the enlarged.
    moved = (keypoints - (left, top) + 0.5) * factor - 0.5
    lines = scheme.outlines if scheme is not None and side >= SMALL_FACE else ()
    _draw_landmarks(enlarged, moved, trusted, lines, side, factor)
    part[:] = cv2.resize(enlarged, part.shape[1::-1], interpolation=cv2.INTER_AREA)


def _side(keypoints: np.ndarray, box: Optional[Sequence[float]]) -> float:
    """Side of a face in px."""
    if box is not None:
        return float(np.sqrt(box[2] * box[3]))
    finite = keypoints[np.isfinite(keypoints).all(-1)]
    return float(np.ptp(finite, axis=0).max()) if len(finite) else 0.0


def _region(keypoints: np.ndarray, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Left, upper, right and lower end of the part of an image with landmarks in it."""
    finite = keypoints[np.isfinite(keypoints).all(-1)]
    if not len(finite):
        return 0, 0, 0, 0
    size = np.array(shape[1::-1])
    low = np.clip(np.floor(finite.min(0)) - MARGIN, 0, size).astype(int)
    high = np.clip(np.ceil(finite.max(0)) + 1 + MARGIN, 0, size).astype(int)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _draw_landmarks(
    canvas: np.ndarray,
    keypoints: np.ndarray,
    trusted: np.ndarray,
    lines: Sequence[Line],
    side: float,
    factor: int,
) -> None:
    """Draw lines and dots into an image that is enlarged by a factor."""
    seen = np.isfinite(keypoints).all(-1)
    width = max(1, round(max(1.0, side * LINE_SHARE) * factor))
    for indices, closed in lines:
        points = _fixed(keypoints[[index for index in indices if seen[index]]])
        cv2.polylines(canvas, [points], closed, CURVE_COLOUR, width, cv2.LINE_AA, SUBPIXEL_BITS)
    radius = max(SMALLEST_POINT, side * POINT_SHARE)
    rim = RIM if radius >= LARGE_POINT else 0.0
    for point, good in zip(_fixed(keypoints[seen]).tolist(), trusted[seen]):
        colour = POINT_COLOUR if good else UNTRUSTED_COLOUR
        for extent, each in ((radius + rim, RIM_COLOUR), (radius, colour)):
            fixed = round(extent * factor * (1 << SUBPIXEL_BITS))
            cv2.circle(canvas, point, fixed, each, -1, cv2.LINE_AA, SUBPIXEL_BITS)


def _draw_box(canvas: np.ndarray, box: Sequence[float], width: int, label: str) -> None:
    x, y, w, h = box
    start, end = _fixed(np.array([[x, y], [x + w - 1, y + h - 1]])).tolist()
    cv2.rectangle(canvas, start, end, BOX_COLOUR, width, cv2.LINE_AA, SUBPIXEL_BITS)
    if label:
        place = [round(float(np.clip(each, 0, FARTHEST))) for each in (x, y - width - 2)]
        place[1] = max(place[1], TEXT_HEIGHT)
        font = cv2.FONT_HERSHEY_SIMPLEX
        cv2.putText(canvas, label, place, font, TEXT_SIZE, BOX_COLOUR, 1, cv2.LINE_AA)


def _fixed(points: np.ndarray) -> np.ndarray:
    """(N, 2) coordinates in OpenCV's fixed-point format."""
    clipped = np.clip(points, -FARTHEST, FARTHEST)
    return (clipped * (1 << SUBPIXEL_BITS)).round().astype(np.int32)
