"""Faces with predicted and true landmarks."""

from collections.abc import Sequence

import cv2
import numpy as np

from .colour import as_colour

TRUE_COLOUR = (80, 220, 80)  # BGR
PREDICTED_COLOUR = (60, 60, 255)
ERROR_COLOUR = (0, 230, 255)

SUBPIXEL_BITS = 4
"""OpenCV draws at 1/16 px when coordinates are shifted by this many bits."""

TEXT_HEIGHT = 28
LEGEND = 'green: true, red: predicted, yellow: error'

MARGIN = 0.15
"""Space round the landmarks' box, as a fraction of its longer side."""


def draw_landmarks(
    image: np.ndarray, predicted: np.ndarray, true: np.ndarray, side: int = 320
) -> np.ndarray:
    """Cut out a face and draw true landmarks (green), predictions (red) and their errors (yellow).

    Args:
        image: (h, w, 3) BGR image, or another image that `as_colour` shows.
        predicted: (K, 2) landmarks (x, y) in px of the image.
        true: (K, 2) landmarks (x, y) in px of the image.
        side: Side of the square result in px.

    Returns:
        (side, side, 3) BGR image.
    """
    predicted, true = (np.asarray(points, np.float64)[:, :2] for points in (predicted, true))
    corner, length = _square(true)
    scale = side / length
    # A pixel's centre is a whole number, so the upper left corner of the result lies at -0.5.
    offset = -corner * scale - 0.5
    matrix = np.array([[scale, 0, offset[0]], [0, scale, offset[1]]])
    canvas = cv2.warpAffine(as_colour(image), matrix, (side, side), flags=cv2.INTER_LINEAR)
    predicted, true = (points * scale + offset for points in (predicted, true))
    for start, end in zip(_fixed(true), _fixed(predicted)):
        cv2.line(canvas, start, end, ERROR_COLOUR, 1, cv2.LINE_AA, SUBPIXEL_BITS)
    for points, colour in ((true, TRUE_COLOUR), (predicted, PREDICTED_COLOUR)):
        for centre in _fixed(points):
            radius = 2 << SUBPIXEL_BITS
            cv2.circle(canvas, centre, radius, colour, -1, cv2.LINE_AA, SUBPIXEL_BITS)
    return canvas


def _square(landmarks: np.ndarray) -> tuple[np.ndarray, float]:
    """Upper left corner (x, y) and side, in px, of the square round the landmarks."""
    low, high = landmarks.min(0), landmarks.max(0)
    length = max((high - low).max() * (1 + 2 * MARGIN), 1.0)
    return (low + high - length) / 2, float(length)


def _fixed(points: np.ndarray) -> Sequence[tuple[int, int]]:
    """Coordinates in OpenCV's fixed-point format."""
    # A wild prediction far outside the image must not overflow OpenCV's 32-bit integers.
    scaled = np.clip(points, -(10**4), 10**4) * (1 << SUBPIXEL_BITS)
    return [tuple(int(value) for value in point) for point in scaled.round()]


def face_sheet(rows: Sequence[Sequence[np.ndarray]], titles: Sequence[str]) -> np.ndarray:
    """Put images of one size into a grid with a title over every column and a legend below.

    Args:
        rows: Images (side, side, 3), as many in every row as there are titles.
        titles: Title of each column.

    Returns:
        (height, width, 3) BGR image.
    """
    grid = np.concatenate([np.concatenate(row, 1) for row in rows], 0)
    header, footer = (np.full((TEXT_HEIGHT, grid.shape[1], 3), 255, np.uint8) for _ in range(2))
    for column, title in enumerate(titles):
        _write(header, title, column * grid.shape[1] // len(titles))
    _write(footer, LEGEND, 0)
    return np.concatenate((header, grid, footer), 0)


def _write(canvas: np.ndarray, text: str, left: int) -> None:
    place = (left + 8, TEXT_HEIGHT - 9)
    cv2.putText(canvas, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1, cv2.LINE_AA)
