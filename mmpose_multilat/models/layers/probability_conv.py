"""A convolution whose outputs are probabilities."""

import torch
from mmpose.registry import MODELS
from torch import Tensor, nn


@MODELS.register_module()
class ProbabilityConv2d(nn.Conv2d):
    """`nn.Conv2d` with a sigmoid behind it.

    As the `final_layer` of MMPose's `HeatmapHead` it makes heatmaps of probabilities, which
    `HeatmapFocalLoss` needs, in training and in testing alike.
    """

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, H, W) features to (B, out_channels, h, w) values between 0 and 1."""
        return torch.sigmoid(super().forward(features))
