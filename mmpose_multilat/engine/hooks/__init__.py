"""Hooks of the runner."""

from mmpose_multilat.engine.hooks.channels_last_hook import ChannelsLastHook
from mmpose_multilat.engine.hooks.heatmap_size_hook import HeatmapSizeHook, check_heatmap_size
from mmpose_multilat.engine.hooks.reference_bank_hook import ReferenceBankHook
from mmpose_multilat.engine.hooks.safe_checkpoint_hook import SafeCheckpointHook

__all__ = [
    'ChannelsLastHook',
    'HeatmapSizeHook',
    'ReferenceBankHook',
    'SafeCheckpointHook',
    'check_heatmap_size',
]
