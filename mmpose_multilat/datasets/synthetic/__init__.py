"""Synthetic faces with exact landmarks, so that every config runs without any download.

A parametric face is built from splines (``shape``), lifted to a height field (``relief``), turned
(``pose``), lit and painted (``skin``, ``features``, ``body``, ``hair``, ``occluders``) and
photographed (``photograph``). The landmarks of all annotation schemes are vertices of the painted
curves.
Coordinates are (x, y) in px, integer = pixel centre.
"""

from .annotation_files import DESCRIPTION
from .curve_samples import CURVE_SAMPLES, landmarks
from .face import DEFAULT_SIZE, Parameters, SyntheticFace, draw_parameters, generate, render
from .sheet import contact_sheet
from .synthetic_datasets import SYNTHETIC_DATASETS
from .writers import Request, write_data_sets

__all__ = [
    'CURVE_SAMPLES',
    'DEFAULT_SIZE',
    'DESCRIPTION',
    'SYNTHETIC_DATASETS',
    'Parameters',
    'Request',
    'SyntheticFace',
    'contact_sheet',
    'draw_parameters',
    'generate',
    'landmarks',
    'render',
    'write_data_sets',
]
