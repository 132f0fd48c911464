"""Losses on heatmaps."""

from .anchor_loss import MultilaterationAnchorLoss
from .loss_sum import LossSum
from .norm_loss import HeatmapNormLoss

__all__ = ['HeatmapNormLoss', 'LossSum', 'MultilaterationAnchorLoss']
