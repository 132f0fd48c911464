"""What runs beside the training loop."""

from mmpose_multilat.engine.hooks import HeatmapSizeHook

__all__ = ['HeatmapSizeHook']
