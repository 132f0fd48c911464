"""Networks and their parts, registered in MMPose's registries."""

from mmpose_multilat.models.backbones import BackboneWithImage, FastHRNet, MultiStrideMobileNet
from mmpose_multilat.models.heads import (
    GaussianVectorHead,
    GraphRefinementHead,
    MultilaterationHead,
    ReferenceHeatmapHead,
)
from mmpose_multilat.models.layers import ProbabilityConv2d
from mmpose_multilat.models.losses import (
    HeatmapFocalLoss,
    HeatmapNormLoss,
    LossSum,
    MultilaterationAnchorLoss,
    TransformationLoss,
)
from mmpose_multilat.models.pose_estimators import MultilaterationPoseEstimator
from mmpose_multilat.models.pretrained import PretrainedWeightsError

__all__ = [
    'BackboneWithImage',
    'FastHRNet',
    'GaussianVectorHead',
    'GraphRefinementHead',
    'HeatmapFocalLoss',
    'HeatmapNormLoss',
    'LossSum',
    'MultiStrideMobileNet',
    'MultilaterationAnchorLoss',
    'MultilaterationHead',
    'MultilaterationPoseEstimator',
    'PretrainedWeightsError',
    'ProbabilityConv2d',
    'ReferenceHeatmapHead',
    'TransformationLoss',
]
