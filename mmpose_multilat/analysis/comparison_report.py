"""A comparison of decoders as a table and as an image of faces."""

from collections.abc import Mapping, Sequence
from typing import Optional

import cv2
import numpy as np

from mmpose_multilat.evaluation.tables import align
from mmpose_multilat.visualization import draw_landmarks, face_sheet

from .comparison import DecoderResult, Face, main_nme


def markdown(results: Mapping[str, DecoderResult]) -> str:
    """Rows are decoders, columns NME in % and decoding time."""
    rows = [
        [label, f'{100 * main_nme(result.metrics):.2f}', f'{result.ms_per_face:.3f}']
        for label, result in results.items()
    ]
    return align([['decoder', 'NME (%)', 'ms per face'], *rows])


def faces_by_decoder(faces: Sequence[Face]) -> Optional[np.ndarray]:
    """An image with one face a row and one decoder a column.

    Returns:
        The image; None without faces, and where their images are no files.
    """
    images = [cv2.imread(face.path) for face in faces]
    rows = [_drawn(*each) for each in zip(images, faces) if each[0] is not None]
    if len(rows) < len(faces):
        missing = len(faces) - len(rows)
        print(f'{missing} of {len(faces)} faces not drawn: their images are no files on this disk.')
    return face_sheet(rows, list(faces[0].predicted)) if rows else None


def _drawn(image: np.ndarray, face: Face) -> list[np.ndarray]:
    """Images of the labelled landmarks of a face, one for each decoder."""
    shown = slice(None) if face.labelled is None else face.labelled
    return [
        draw_landmarks(image, each[shown], face.true[shown]) for each in face.predicted.values()
    ]
