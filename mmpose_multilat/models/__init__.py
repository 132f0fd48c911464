"""Networks and their parts, registered in MMPose's registries."""

from mmpose_multilat.models.backbones import FastHRNet
from mmpose_multilat.models.heads import GaussianVectorHead, MultilaterationHead
from mmpose_multilat.models.losses import HeatmapNormLoss, LossSum, MultilaterationAnchorLoss
from mmpose_multilat.models.pose_estimators import MultilaterationPoseEstimator
from mmpose_multilat.models.pretrained import PretrainedWeightsError

__all__ = [
    'FastHRNet',
    'GaussianVectorHead',
    'HeatmapNormLoss',
    'LossSum',
    'MultilaterationAnchorLoss',
    'MultilaterationHead',
    'MultilaterationPoseEstimator',
    'PretrainedWeightsError',
]
