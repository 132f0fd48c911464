"""A page of the faces with the largest errors."""

from collections.abc import Sequence

import cv2
import numpy as np

from .faces import LEGEND, draw_landmarks

CAPTION_HEIGHT = 24
TEXT_SIZE = 0.45
SIDE = 240
"""Side of a face on the page in px."""

COLUMNS = 4


def worst_faces_page(
    images: Sequence[np.ndarray],
    predicted: Sequence[np.ndarray],
    true: Sequence[np.ndarray],
    captions: Sequence[str],
    title: str = '',
    columns: int = COLUMNS,
) -> np.ndarray:
    """Put cut-out faces with their landmarks on one page, each with a caption below.

    Args:
        images: (h, w, 3) BGR images, or other images that `as_colour` shows.
        predicted: (K, 2) landmarks (x, y) in px of each image.
        true: (K, 2) landmarks (x, y) in px of each image; they choose the cut.
        captions: One short line for each face.
        title: Line above all faces.
        columns: Faces in a row.

    Returns:
        (height, width, 3) BGR page.

    Raises:
        ValueError: If there is no face.
    """
    if not images:
        raise ValueError('a page needs at least one face')
    tiles = [
        np.concatenate((draw_landmarks(image, found, labels, SIDE), _line(caption, SIDE)), 0)
        for image, found, labels, caption in zip(images, predicted, true, captions)
    ]
    columns = min(columns, len(tiles))
    blank = np.full_like(tiles[0], 255)
    tiles += [blank] * (-len(tiles) % columns)
    rows = [
        np.concatenate(tiles[start : start + columns], 1) for start in range(0, len(tiles), columns)
    ]
    width = columns * SIDE
    return np.concatenate((_line(title, width), *rows, _line(LEGEND, width)), 0)


def _line(text: str, width: int) -> np.ndarray:
    """A white line of text, (CAPTION_HEIGHT, width, 3); what is too long is cut in the middle."""
    canvas = np.full((CAPTION_HEIGHT, width, 3), 255, np.uint8)
    margin = 6
    while len(text) > 1 and _text_width(text) > width - 2 * margin:
        middle = len(text) // 2
        text = f'{text[: middle - 2].rstrip(".")}..{text[middle + 2 :].lstrip(".")}'
    place = (margin, CAPTION_HEIGHT - 8)
    cv2.putText(canvas, text, place, cv2.FONT_HERSHEY_SIMPLEX, TEXT_SIZE, 0, 1, cv2.LINE_AA)
    return canvas


def _text_width(text: str) -> int:
    return cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, TEXT_SIZE, 1)[0][0]
