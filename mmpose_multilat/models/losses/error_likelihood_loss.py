"""How well an estimated scale tells the errors of landmarks."""

from typing import Optional

import torch
from mmpose.registry import MODELS
from torch import Tensor, nn

from mmpose_multilat.landmarks.checks import check_choice, check_number

from .reduction import mean_over_landmarks

KINDS = ('laplace', 'gaussian')


@MODELS.register_module()
class ErrorLikelihoodLoss(nn.Module):
    """Mean negative log-likelihood of the lengths of errors, up to a constant.

    Errors are alike in every direction. With scale b their density in the plane is proportional to
    exp(-r / b) / b^2 ('laplace', which outliers move little) or to exp(-r^2 / (2 b^2)) / b^2
    ('gaussian'), r the length of the error.

    Args:
        kind: 'laplace' or 'gaussian'.
        loss_weight: Factor of the loss.

    Raises:
        ValueError: If an argument is out of its range.
    """

    def __init__(self, kind: str = 'laplace', loss_weight: float = 1.0) -> None:
        super().__init__()
        self.kind = check_choice('kind', kind, KINDS)
        self.loss_weight = check_number('loss_weight', loss_weight, smallest=0)

    @property
    def variance(self) -> float:
        """Variance of an error along each axis for a scale of 1."""
        # The mean of r^2 is 6 b^2 for one density and 2 b^2 for the other; half of it on each axis.
        return 3.0 if self.kind == 'laplace' else 1.0

    def forward(
        self, errors: Tensor, log_scales: Tensor, target_weights: Optional[Tensor] = None
    ) -> Tensor:
        """Compute the loss.

        Args:
            errors: (B, K) lengths of the errors.
            log_scales: (B, K) logarithms of the scales, in the unit of the errors.
            target_weights: (B, K) weights of the landmarks.

        Returns:
            The loss, a scalar; 0 for an empty batch.
        """
        dtype = torch.promote_types(log_scales.dtype, torch.float32)
        log_scales = log_scales.to(dtype)
        ratios = errors.to(dtype) * (-log_scales).exp()
        misfits = ratios if self.kind == 'laplace' else ratios.square() / 2
        return self.loss_weight * mean_over_landmarks(2 * log_scales + misfits, target_weights)
