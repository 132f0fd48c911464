"""Reference faces: faces with known landmarks that guide a network to those of another face.

Wan et al., "Precise Facial Landmark Detection by Reference Heatmap Transformer". `faces` cuts them
from a dataset, `matching` compares two of them, `index` keeps which of them fits a face best, and
`indexing` finds that out.
"""

from .face import ReferenceFace, face_key, flipped, reduced
from .faces import ReferenceFaces
from .index import ReferenceIndex, index_path, match_of, read_index
from .indexing import build_index

__all__ = [
    'ReferenceFace',
    'ReferenceFaces',
    'ReferenceIndex',
    'build_index',
    'face_key',
    'flipped',
    'index_path',
    'match_of',
    'read_index',
    'reduced',
]
