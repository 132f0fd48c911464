"""What runs beside the training loop."""

from mmpose_multilat.engine.hooks import (
    ChannelsLastHook,
    HeatmapSizeHook,
    ReferenceBankHook,
    SafeCheckpointHook,
)

__all__ = ['ChannelsLastHook', 'HeatmapSizeHook', 'ReferenceBankHook', 'SafeCheckpointHook']
