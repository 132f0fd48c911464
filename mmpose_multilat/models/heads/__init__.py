"""Heads, and the one way to ask any head for landmarks."""

from .averaging import averaged_outputs, flip_indices_of
from .gaussian_vector_head import GaussianVectorHead
from .locating import COVARIANCES, decoding_with, locate_outputs, stretch_of, to_instances
from .locating_head import LocatingHead
from .multilateration_head import MultilaterationHead
from .outputs import as_encoded, with_encoded

__all__ = [
    'COVARIANCES',
    'GaussianVectorHead',
    'LocatingHead',
    'MultilaterationHead',
    'as_encoded',
    'averaged_outputs',
    'decoding_with',
    'flip_indices_of',
    'locate_outputs',
    'stretch_of',
    'to_instances',
    'with_encoded',
]
