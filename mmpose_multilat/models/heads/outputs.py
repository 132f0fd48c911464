"""What heads put out."""

from typing import Any

from torch import Tensor


def as_encoded(outputs: Any) -> tuple[Tensor, ...]:
    """Return what a codec decodes of a head's output; of several stages (a list) the last."""
    if isinstance(outputs, list):
        outputs = outputs[-1]
    return tuple(outputs) if isinstance(outputs, tuple) else (outputs,)


def is_heatmap(outputs: Any) -> bool:
    """Whether a head puts out (B, K, H, W) heatmaps alone."""
    encoded = as_encoded(outputs)
    return len(encoded) == 1 and encoded[0].ndim == 4


def with_encoded(outputs: Any, encoded: Sequence[Tensor]) -> Any:
    """Put other tensors in the place of the first of those that `as_encoded` returns.

    Args:
        outputs: What `head.forward(feats)` returns.
        encoded: One or more tensors; what the head puts out besides stays as it is.

    Returns:
        The same kind of output.
    """
    if isinstance(outputs, list):
        return [*outputs[:-1], with_encoded(outputs[-1], encoded)]
    if not isinstance(outputs, tuple):
        return encoded[0]
    make = getattr(outputs, '_make', tuple)  # a named tuple stays one
    return make((*encoded, *outputs[len(encoded) :]))
