"""Datasets beyond MMPose's own, reference faces and transforms; `synthetic` draws faces."""

from .references import ReferenceFace, ReferenceFaces
from .transforms import AddReference, AddTarget, RandomBlur, RandomOcclusion

__all__ = [
    'AddReference',
    'AddTarget',
    'RandomBlur',
    'RandomOcclusion',
    'ReferenceFace',
    'ReferenceFaces',
]
