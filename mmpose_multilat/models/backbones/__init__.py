"""Backbones."""

from mmpose_multilat.models.backbones.backbone_with_image import BackboneWithImage
from mmpose_multilat.models.backbones.fast_hrnet import FastHRNet
from mmpose_multilat.models.backbones.multi_stride_mobilenet import MultiStrideMobileNet

__all__ = ['BackboneWithImage', 'FastHRNet', 'MultiStrideMobileNet']
