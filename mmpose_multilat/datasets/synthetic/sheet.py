"""Contact sheets: many faces in one image, for the eye."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from .face import SyntheticFace

# BGR; visible and hidden landmarks.
_VISIBLE, _HIDDEN = (80, 255, 80), (60, 60, 255)
# Sub-pixel bits of OpenCV's circles, their radius as a fraction of the image.
_SHIFT, _RADIUS = 4, 1 / 170


def contact_sheet(
    faces: Sequence[SyntheticFace], columns: int, scheme: str | None = None
) -> np.ndarray:
    """Arrange faces in rows.

    Args:
        faces: Faces of one size, at least one.
        columns: Faces per row.
        scheme: Landmarks to draw, see :data:`CURVE_SAMPLES`; hidden ones are red. None draws none.

    Returns:
        (H, W, 3) uint8 BGR; unused places are black.

    Raises:
        ValueError: If there is no face or ``columns`` is below 1.
    """
    if not faces or columns < 1:
        raise ValueError('a contact sheet needs at least one face and one column')
    tiles = [_tile(face, scheme) for face in faces]
    columns = min(columns, len(tiles))
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    return np.vstack(
        [np.hstack(tiles[start : start + columns]) for start in range(0, len(tiles), columns)]
    )


def _tile(face: SyntheticFace, scheme: str | None) -> np.ndarray:
    image = face.image.copy()
    if scheme is None:
        return image
    radius = max(1, round(len(image) * _RADIUS * (1 << _SHIFT)))
    for point, hidden in zip(face.landmarks[scheme], face.hidden[scheme]):
        place = np.round(point * (1 << _SHIFT)).astype(int).tolist()
        cv2.circle(image, place, radius, _HIDDEN if hidden else _VISIBLE, -1, cv2.LINE_AA, _SHIFT)
    return image
