"""Datasets beyond MMPose's own, reference faces and transforms; `synthetic` draws faces."""

from .references import ReferenceFace, ReferenceFaces
from .transforms import AddReference, AddTarget, RandomOcclusion

__all__ = ['AddReference', 'AddTarget', 'RandomOcclusion', 'ReferenceFace', 'ReferenceFaces']
