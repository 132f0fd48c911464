"""Weights that are no numbers: what a training that diverged leaves behind."""

from typing import Optional

import torch
from torch import nn

NAMES_SHOWN = 3
"""How many weights a message names before it only counts the rest."""


def describe_not_finite(model: nn.Module) -> Optional[str]:
    """Say which weights of a model are not finite.

    Args:
        model: The model with its weights.

    Returns:
        The number and first names of parameters with NaN or infinity, and of buffers with NaN (some
        models keep masks of -infinity as buffers); None if there are none.
    """
    wrong = [name for name, each in model.named_parameters() if not each.isfinite().all()]
    wrong += [name for name, each in model.named_buffers() if _has_nan(each)]
    if not wrong:
        return None
    more = f' and {len(wrong) - NAMES_SHOWN} more' if len(wrong) > NAMES_SHOWN else ''
    return (
        f'{", ".join(wrong[:NAMES_SHOWN])}{more} are not finite (NaN or infinity); the training '
        'that wrote them diverged. Take an earlier checkpoint, or train with a lower learning rate'
    )


def _has_nan(values: torch.Tensor) -> bool:
    return values.is_floating_point() and bool(values.isnan().any())
