"""What losses on landmarks have in common."""

from typing import Optional

from torch import Tensor

SMALLEST_SQUARE = 1e-12
"""Added under the root, whose derivative at zero is infinite."""


def root(squares: Tensor) -> Tensor:
    """Square root with a finite derivative at zero."""
    return (squares + SMALLEST_SQUARE).sqrt()


def mean_over_landmarks(errors: Tensor, weights: Optional[Tensor]) -> Tensor:
    """Mean of the weighted errors of all landmarks and faces.

    Args:
        errors: (B, K) errors.
        weights: (B, K) weights; None for 1. The mean runs over all landmarks, whatever they weigh,
            as in MMPose's losses.

    Returns:
        A scalar; 0 for an empty batch.
    """
    if weights is not None:
        errors = errors * weights
    return errors.sum() / max(errors.numel(), 1)
