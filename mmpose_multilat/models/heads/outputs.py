"""What heads put out: which of it a codec decodes, and what lies beside the landmarks."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Optional

import numpy as np
from mmengine.structures import PixelData
from mmpose.models.heads import VisPredictHead
from mmpose.structures import PoseDataSample
from mmpose.utils.tensor_utils import to_numpy
from torch import Tensor, nn

NamedOutputs = dict[str, tuple[Any, tuple[Tensor, ...]]]
"""Codec and the tensors that it decodes, by the name of the output."""


def landmark_head(head: nn.Module) -> nn.Module:
    """Return the head that finds landmarks: itself, or the one in MMPose's `VisPredictHead`."""
    return head.pose_head if isinstance(head, VisPredictHead) else head


def codec_of(head: Optional[nn.Module]) -> Any:
    """Return the codec that a head decodes with, None without head or codec."""
    return getattr(landmark_head(head), 'decoder', None)


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


def with_samples(head: nn.Module, feats: Any, samples: Optional[Sequence[PoseDataSample]]) -> Any:
    """Put beside features what a head wants of the samples, a reference face for instance.

    Args:
        head: A head of this package, which may want something, or of MMPose, which does not.
        feats: Features of the backbone or neck.
        samples: The B samples; None where there are none, or they are not known.

    Returns:
        Features for `head.forward`.
    """
    add = getattr(head, 'with_samples', None)
    return feats if add is None or not samples else add(feats, samples)


def outputs_by_codec(head: nn.Module, outputs: Any) -> NamedOutputs:
    """Say which codec decodes which part of a head's output.

    Args:
        head: A head of this package, which says so itself, or of MMPose, which has one codec.
        outputs: What its `forward` returns.

    Returns:
        Codec and tensors by the name of the output; empty for a head without codec.
    """
    name = getattr(head, 'outputs_by_codec', None)
    if name is not None:
        return name(outputs)
    codec = codec_of(head)
    return {} if codec is None else {'heatmaps': (codec, as_encoded(outputs))}


def shown_heatmaps(head: nn.Module, outputs: Any, feats: Any) -> Tensor:
    """Return the (B, K, H, W) heatmaps that a head shows, of MMPose's heads their output."""
    show = getattr(head, 'shown_heatmaps', None)
    return as_encoded(outputs)[0] if show is None else show(outputs, feats)


def shown_fields(head: nn.Module, outputs: Any, feats: Any) -> Optional[list[PixelData]]:
    """Return the heatmaps of B images for `output_heatmaps`, as MMPose's heads give them.

    Args:
        head: A head of this package or of MMPose.
        outputs: What its `forward` returns.
        feats: Features of the backbone or neck.

    Returns:
        B times `heatmaps` (K, H, W), or what else the head shows; None if it shows nothing.
    """
    if not hasattr(head, 'shown_heatmaps') and not is_heatmap(outputs):
        found = head.predict(feats, [], dict(output_heatmaps=True))
        return found[1] if isinstance(found, tuple) else None
    return [PixelData(heatmaps=each) for each in shown_heatmaps(head, outputs, feats).detach()]


def visibilities(head: nn.Module, feats: Any) -> Optional[np.ndarray]:
    """Return how visible landmarks are, where a head of MMPose tells it beside the scores.

    Args:
        head: `VisPredictHead` tells it, and heads whose codec has `decode_visibility=True`.
        feats: Features of the backbone or neck.

    Returns:
        (B, 1, K) visibilities; None for all other heads.
    """
    if isinstance(head, VisPredictHead):
        told = head.vis_forward(feats)
        return to_numpy(told if head.use_sigmoid else told.sigmoid())[:, None]
    if getattr(codec_of(head), 'decode_visibility', False):
        return np.stack([each.keypoints_visible for each in head.predict(feats, [], {})])
    return None


@contextmanager
def remembered_outputs(head: nn.Module) -> Iterator[list[Any]]:
    """Collect what the `forward` of a head puts out meanwhile.

    MMPose's heads do not return it from `loss`, and a second pass would take time and change the
    statistics of batch normalisation.
    """
    outputs: list[Any] = []
    forward = head.forward

    def remember(feats: Any) -> Any:
        outputs.append(forward(feats))
        return outputs[-1]

    head.forward = remember
    try:
        yield outputs
    finally:
        del head.forward
