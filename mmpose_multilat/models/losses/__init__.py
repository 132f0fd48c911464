"""Losses on heatmaps."""

from .anchor_loss import MultilaterationAnchorLoss
from .loss_sum import LossSum

__all__ = ['LossSum', 'MultilaterationAnchorLoss']
