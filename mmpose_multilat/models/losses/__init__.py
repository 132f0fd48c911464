"""Losses on heatmaps and features."""

from .anchor_loss import MultilaterationAnchorLoss
from .focal_loss import HeatmapFocalLoss
from .loss_sum import LossSum
from .norm_loss import HeatmapNormLoss
from .transformation_loss import TransformationLoss, transformation_error

__all__ = [
    'HeatmapFocalLoss',
    'HeatmapNormLoss',
    'LossSum',
    'MultilaterationAnchorLoss',
    'TransformationLoss',
    'transformation_error',
]
