"""Which heads and codecs estimate the covariances of their landmarks."""

from typing import Any

import torch
from mmpose.registry import KEYPOINT_CODECS
from torch import nn

from mmpose_multilat.models.heads import codec_of, landmark_head

SETTING = 'output_covariances=True'


def knows_covariances(source: Any) -> bool:
    """Whether a head, a codec or a class of codecs estimates the covariances of its landmarks."""
    return getattr(source, 'tells_covariances', False)


def codecs_with_covariances() -> list[str]:
    """Names of all registered codecs that estimate the covariances of their landmarks."""
    return sorted(
        name for name, kind in KEYPOINT_CODECS.module_dict.items() if knows_covariances(kind)
    )


def require_covariances(head: nn.Module) -> None:
    """Do nothing if a head can estimate covariances, by itself or by its codec.

    Raises:
        ValueError: If not, or if its heatmaps are too small for its codec to do that.
    """
    if knows_covariances(landmark_head(head)):
        return
    codec = codec_of(head)
    if not knows_covariances(codec):
        got = 'None' if codec is None else type(codec).__name__
        raise ValueError(
            f"{SETTING}: the head's decoder is {got}, which tells no covariances; decode with one "
            f'of {", ".join(codecs_with_covariances())}, or do without covariances'
        )
    width, height = codec.heatmap_size
    codec.locate(torch.zeros(1, 1, height, width), covariances=True)


def tells_covariances(head: nn.Module) -> bool:
    """Whether `require_covariances` is content with a head."""
    try:
        require_covariances(head)
    except ValueError:
        return False
    return True
