"""The precision that decoders calculate in, whatever that of the network is."""

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor

# torch 2.1 and 2.2 have it in another place.
_is_compiling = getattr(torch.compiler, 'is_compiling', None) or torch._utils.is_compiling

AUTOCAST_DEVICES = ('cpu', 'cuda')
"""Types of devices on which `torch.autocast` of every version of torch can be switched off."""


def working_dtype(heatmaps: Tensor) -> torch.dtype:
    """The dtype to calculate in: float64 for float64 heatmaps, float32 for all others."""
    return torch.float64 if heatmaps.dtype == torch.float64 else torch.float32


def is_traced() -> bool:
    """Whether a graph is being made of what is calculated, instead of numbers."""
    return _is_compiling() or torch.jit.is_tracing()


def without_autocast(tensor: Tensor) -> AbstractContextManager[None]:
    """A context in which matrix products keep the dtype of their factors.

    Differences of squared ranges cancel to a few digits, so that the half precision that autocast
    gives matrix products would be felt: errors of a tenth of a cell, gradients that are NaN.

    Args:
        tensor: Names the device. Graphs are left as they are.
    """
    if is_traced() or tensor.device.type not in AUTOCAST_DEVICES:
        return nullcontext()
    return torch.autocast(tensor.device.type, enabled=False)
