"""What hard and soft transformation of reference features differ by (RHT, equation (8))."""

from collections.abc import Sequence

from mmpose.registry import MODELS
from torch import Tensor, nn

from mmpose_multilat.landmarks.checks import check_number


def transformation_error(hard: Tensor, soft: Tensor, weight: Tensor) -> Tensor:
    """Mean of |F_E * A - F_S|: where target and reference are alike, both should agree.

    Args:
        hard: (B, C, H, W) F_E.
        soft: (B, C, H, W) F_S.
        weight: (B, 1, H, W) A.

    Returns:
        A scalar; 0 for an empty batch.
    """
    return (hard * weight - soft).abs().sum() / max(hard.numel(), 1)


@MODELS.register_module()
class TransformationLoss(nn.Module):
    """Mean of the transformation error over the scales.

    Equation (8) writes the L1 norm, a sum over all elements; at the paper's sizes there are 1.8
    million of them a face. Here it is their mean, so that the weight does not depend on the sizes.

    Args:
        loss_weight: Factor of the loss; lambda of equation (9), 0.1 in the paper.

    Raises:
        ValueError: If the weight is negative.
    """

    def __init__(self, loss_weight: float = 0.1) -> None:
        super().__init__()
        self.loss_weight = check_number('loss_weight', loss_weight, smallest=0)

    def forward(
        self, hard: Sequence[Tensor], soft: Sequence[Tensor], weights: Sequence[Tensor]
    ) -> Tensor:
        """Compute the loss from F_E, F_S and A at each scale."""
        errors = [transformation_error(*each) for each in zip(hard, soft, weights)]
        return self.loss_weight * sum(errors) / len(errors)
