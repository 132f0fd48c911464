"""Backbones."""

from mmpose_multilat.models.backbones.fast_hrnet import FastHRNet

__all__ = ['FastHRNet']
