"""Hooks of the runner."""

from mmpose_multilat.engine.hooks.heatmap_size_hook import HeatmapSizeHook, check_heatmap_size

__all__ = ['HeatmapSizeHook', 'check_heatmap_size']
