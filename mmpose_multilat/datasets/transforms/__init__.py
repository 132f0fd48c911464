"""Transforms of pictures and landmarks that MMPose and MMCV lack; importing registers them."""

from .random_occlusion import RandomOcclusion

__all__ = ['RandomOcclusion']
