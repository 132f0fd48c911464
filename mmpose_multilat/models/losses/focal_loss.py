"""The focal loss of heatmaps, for targets whose peak lies between the cells, too."""

from typing import Optional

import torch
from mmpose.registry import MODELS
from torch import Tensor, nn

from mmpose_multilat.landmarks.checks import check_flag, check_number

SMALLEST = 1e-6
"""Distance that responses keep from 0 and 1, where logarithms end."""


@MODELS.register_module()
class HeatmapFocalLoss(nn.Module):
    """Focal loss of heatmaps (LC-GCN equation (8), after CornerNet).

    A landmark's positive cell costs -(1 - y)^alpha log(y) for the response y, every other cell
    -(1 - t)^beta y^alpha log(1 - y) for the target t; the sum is divided by the number of
    landmarks that count.

    Equation (8) calls cells with t = 1 positive. A Gaussian that is not rounded to a cell is 1
    nowhere, so that no cell would be positive and every response be driven to 0. Positive here is
    the strongest cell of each target, the nearest one to the landmark: the very cell that a rounded
    Gaussian would have there, with the same target of 1 in effect. The price is that the loss does
    not know where within the cell the landmark lies: trained heatmaps peak more sharply than their
    targets, and decoders that take cells for distances lose by it. A landmark whose target is zero
    everywhere counts as one of weight 0.

    Responses must be probabilities: end the head with
    `final_layer=dict(type='ProbabilityConv2d', kernel_size=1)`. Those outside (0, 1) are clamped.

    Args:
        alpha: Exponent that turns the loss away from cells that are right already.
        beta: Exponent that spares the cells near the peak.
        loss_weight: Factor of the loss.
        use_target_weight: Whether `target_weights` scale the landmarks.

    Raises:
        ValueError: If an argument is out of its range.
    """

    def __init__(
        self,
        alpha: float = 2,
        beta: float = 4,
        loss_weight: float = 1.0,
        use_target_weight: bool = True,
    ) -> None:
        super().__init__()
        self.alpha = check_number('alpha', alpha, smallest=0)
        self.beta = check_number('beta', beta, smallest=0)
        self.loss_weight = check_number('loss_weight', loss_weight, smallest=0)
        self.use_target_weight = check_flag('use_target_weight', use_target_weight)

    def forward(
        self, output: Tensor, target: Tensor, target_weights: Optional[Tensor] = None
    ) -> Tensor:
        """Compute the loss.

        Args:
            output: (B, K, H, W) responses of the network, probabilities.
            target: (B, K, H, W) heatmaps of the labels, values in [0, 1].
            target_weights: (B, K) weights of the landmarks.

        Returns:
            The loss, a scalar; 0 without a landmark that counts.
        """
        # Mixed precision: 1 - 1e-6 is 1 in float16.
        dtype = torch.promote_types(output.dtype, torch.float32)
        response = output.to(dtype).clamp(SMALLEST, 1 - SMALLEST).flatten(2)
        target = target.to(dtype).flatten(2)  # (B, K, H W)
        peak, strongest = target.max(-1, keepdim=True)
        others = (1 - target) ** self.beta * response**self.alpha * (1 - response).log()
        at_peak = response.gather(-1, strongest)
        positive = (1 - at_peak) ** self.alpha * at_peak.log()
        costs = -(others.sum(-1, keepdim=True) - others.gather(-1, strongest) + positive)
        weights = (peak > 0).to(dtype).squeeze(-1)
        if self.use_target_weight and target_weights is not None:
            weights = weights * target_weights
        counting = (weights > 0).sum().clamp(min=1)
        return self.loss_weight * (costs.squeeze(-1) * weights).sum() / counting
