"""Transforms of images and landmarks that MMPose and MMCV lack; importing registers them."""

from .add_reference import AddReference
from .add_target import AddTarget
from .random_blur import RandomBlur
from .random_occlusion import RandomOcclusion

__all__ = ['AddReference', 'AddTarget', 'RandomBlur', 'RandomOcclusion']
