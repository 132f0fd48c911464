"""Data sets beyond MMPose's own, and transforms; ``synthetic`` draws faces."""

from .transforms import RandomOcclusion

__all__ = ['RandomOcclusion']
