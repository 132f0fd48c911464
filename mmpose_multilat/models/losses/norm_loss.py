"""Euclidean norm of each landmark's heatmap error."""

from typing import Optional

import torch
from mmpose.registry import MODELS
from torch import Tensor, nn

from mmpose_multilat.landmarks.checks import check_flag, check_number

from .reduction import mean_over_landmarks, root


@MODELS.register_module()
class HeatmapNormLoss(nn.Module):
    """Mean over landmarks of the Euclidean norm of the heatmap error, over all cells.

    The heatmaps of a landmark and of its shifted copy differ by a norm proportional to the shift,
    as long as that is small against sigma. The mean norm is therefore, up to a factor, the mean
    distance that NME reports, while the mean squared error is the mean of its square, which a few
    faces dominate. It is the `MultilaterationAnchorLoss` with every cell an anchor.

    Args:
        loss_weight: Factor of the loss.
        use_target_weight: Whether `target_weights` scale the landmarks.

    Raises:
        ValueError: If an argument is out of its range.
    """

    def __init__(self, loss_weight: float = 1.0, use_target_weight: bool = True) -> None:
        super().__init__()
        self.loss_weight = check_number('loss_weight', loss_weight, smallest=0)
        self.use_target_weight = check_flag('use_target_weight', use_target_weight)

    def forward(
        self, output: Tensor, target: Tensor, target_weights: Optional[Tensor] = None
    ) -> Tensor:
        """Compute the loss.

        Args:
            output: (B, K, H, W) heatmaps of the network.
            target: (B, K, H, W) heatmaps of the labels.
            target_weights: (B, K) weights of the landmarks.

        Returns:
            The loss, a scalar; 0 for an empty batch.
        """
        # Mixed precision: squares of small float16 errors would vanish.
        dtype = torch.promote_types(output.dtype, torch.float32)
        squares = (output.to(dtype) - target.to(dtype)).square().sum((-2, -1))  # (B, K)
        weights = target_weights if self.use_target_weight else None
        return self.loss_weight * mean_over_landmarks(root(squares), weights)
