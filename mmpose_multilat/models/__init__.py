"""Networks and their parts, registered in MMPose's registries."""

from mmpose_multilat.models.backbones import FastHRNet

__all__ = ['FastHRNet']
