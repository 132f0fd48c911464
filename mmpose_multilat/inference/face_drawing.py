"""Faces drawn into their image."""

import math
from collections.abc import Iterable, Mapping
from typing import Any, Optional

import numpy as np

from mmpose_multilat.landmarks import scheme_of_metainfo
from mmpose_multilat.visualization import draw_covariances, draw_edges, draw_face

from .faces import Face

SIDE_OF_FULL_ELLIPSES = 200
"""Side in px of a face below which ellipses are drawn fainter: they would hide the face."""


def draw_faces(
    image: np.ndarray, faces: Iterable[Face], metainfo: Optional[Mapping[str, Any]] = None
) -> np.ndarray:
    """Draw faces into a copy of their image, smoothed landmarks where there are any.

    Covariances are those of the landmarks as the network found them, also round smoothed ones.

    Args:
        image: (h, w, 3) uint8 BGR.
        faces: What was found in it.
        metainfo: Of the landmarks, see `LandmarkNetwork`; tells which lines to draw. None draws
            none.

    Returns:
        (h, w, 3) uint8 BGR.
    """
    canvas = image.copy()
    for face in faces:
        landmarks = face.landmarks if face.smoothed is None else face.smoothed
        box = face.box
        label = '' if face.track is None else str(face.track)
        if face.edges is not None:
            draw_edges(canvas, landmarks, face.edges)
        sides = (box.x, box.y, box.width, box.height)
        scheme = scheme_of_metainfo(metainfo or {}, len(landmarks))
        draw_face(canvas, landmarks, face.scores, sides, label, scheme)
        if face.covariances is not None:
            opacity = min(1.0, math.sqrt(box.width * box.height) / SIDE_OF_FULL_ELLIPSES)
            draw_covariances(canvas, landmarks, face.covariances, opacity=opacity)
    return canvas
