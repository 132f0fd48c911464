"""Hooks of the runner."""

from mmpose_multilat.engine.hooks.channels_last_hook import ChannelsLastHook
from mmpose_multilat.engine.hooks.heatmap_size_hook import HeatmapSizeHook, check_heatmap_size

__all__ = ['ChannelsLastHook', 'HeatmapSizeHook', 'check_heatmap_size']
