"""Losses on heatmaps."""

from .anchor_loss import MultilaterationAnchorLoss
from .focal_loss import HeatmapFocalLoss
from .loss_sum import LossSum
from .norm_loss import HeatmapNormLoss

__all__ = ['HeatmapFocalLoss', 'HeatmapNormLoss', 'LossSum', 'MultilaterationAnchorLoss']
