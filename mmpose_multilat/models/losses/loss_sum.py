"""Several heatmap losses at once."""

from collections.abc import Sequence
from typing import Any, Optional

from mmpose.registry import MODELS
from torch import Tensor, nn


@MODELS.register_module()
class LossSum(nn.Module):
    """Sum of losses on the same heatmaps, each with a weight of its own.

    MMPose's `CombinedLoss` holds losses too, but leaves calling them to a head that knows their
    names. This one can stand wherever a head takes one loss. POPoS trains with
    `LossSum(losses=[KeypointMSELoss, MultilaterationAnchorLoss with loss_weight 6])`.

    Args:
        losses: Configs of the losses.

    Raises:
        ValueError: If there is no loss, or `losses` is no list of configs.
    """

    def __init__(self, losses: Sequence[dict[str, Any]]) -> None:
        super().__init__()
        if not losses:
            raise ValueError('LossSum needs at least one loss')
        if isinstance(losses, (str, dict)) or not all(isinstance(each, dict) for each in losses):
            raise ValueError(
                f"losses={losses!r} must be a list of losses, [dict(type='KeypointMSELoss'), ...]"
            )
        self.losses = nn.ModuleList(MODELS.build(loss) for loss in losses)

    def forward(
        self, output: Tensor, target: Tensor, target_weights: Optional[Tensor] = None
    ) -> Tensor:
        """Add up the losses.

        Args:
            output: (B, K, H, W) heatmaps of the network.
            target: (B, K, H, W) heatmaps of the labels.
            target_weights: (B, K) weights of the landmarks.

        Returns:
            The sum, a scalar.
        """
        return sum(loss(output, target, target_weights) for loss in self.losses)
