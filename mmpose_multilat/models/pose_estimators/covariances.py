"""Which codecs tell the covariances of their landmarks."""

from typing import Any

import torch
from mmpose.registry import KEYPOINT_CODECS

SETTING = 'output_covariances=True'


def knows_covariances(codec: Any) -> bool:
    """Whether a codec, or a class of codecs, tells the covariances of its landmarks."""
    return getattr(codec, 'tells_covariances', False)


def codecs_with_covariances() -> list[str]:
    """Names of all registered codecs that tell the covariances of their landmarks."""
    return sorted(
        name for name, kind in KEYPOINT_CODECS.module_dict.items() if knows_covariances(kind)
    )


def require_covariances(codec: Any) -> None:
    """Do nothing if a head's codec can tell covariances.

    Raises:
        ValueError: If not, or if its heatmaps are too small for that.
    """
    if not knows_covariances(codec):
        got = 'None' if codec is None else type(codec).__name__
        raise ValueError(
            f"{SETTING}: the head's decoder is {got}, which tells no covariances; decode with one "
            f'of {", ".join(codecs_with_covariances())}, or do without covariances'
        )
    width, height = codec.heatmap_size
    codec.locate(torch.zeros(1, 1, height, width), covariances=True)


def tells_covariances(codec: Any) -> bool:
    """Whether `require_covariances` is content with a codec."""
    try:
        require_covariances(codec)
    except ValueError:
        return False
    return True
