"""Losses on heatmaps and features."""

from .anchor_loss import MultilaterationAnchorLoss
from .error_likelihood_loss import ErrorLikelihoodLoss
from .focal_loss import HeatmapFocalLoss
from .loss_sum import LossSum
from .norm_loss import HeatmapNormLoss
from .transformation_loss import TransformationLoss, transformation_error

__all__ = [
    'ErrorLikelihoodLoss',
    'HeatmapFocalLoss',
    'HeatmapNormLoss',
    'LossSum',
    'MultilaterationAnchorLoss',
    'TransformationLoss',
    'transformation_error',
]
