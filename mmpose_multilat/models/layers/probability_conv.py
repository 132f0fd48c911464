"""A convolution whose outputs are probabilities."""

import math

import torch
from mmpose.registry import MODELS
from torch import Tensor, nn

FIRST_PROBABILITY = 0.1
"""With 0.5 on every cell of an untrained network the many cells beside the peaks would make up
nearly all of a focal loss (RetinaNet, section 3.3; CornerNet begins with 0.1)."""

FIRST_LOGIT = math.log(FIRST_PROBABILITY / (1 - FIRST_PROBABILITY))


@MODELS.register_module()
class ProbabilityConv2d(nn.Conv2d):
    """`nn.Conv2d` with a sigmoid behind it, which begins at probabilities of 0.1.

    As the `final_layer` of MMPose's `HeatmapHead` it makes heatmaps of probabilities, which
    `HeatmapFocalLoss` needs, in training and in testing alike. Heads set weights and biases to
    nearly zero before training, so that the first logit is added here.
    """

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, H, W) features to (B, out_channels, h, w) values between 0 and 1."""
        return torch.sigmoid(super().forward(features) + FIRST_LOGIT)
