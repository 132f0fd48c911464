"""What runs beside the training loop."""

from mmpose_multilat.engine.hooks import ChannelsLastHook, HeatmapSizeHook, SafeCheckpointHook

__all__ = ['ChannelsLastHook', 'HeatmapSizeHook', 'SafeCheckpointHook']
