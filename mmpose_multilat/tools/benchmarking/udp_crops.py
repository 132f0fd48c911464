"""Crops by MMPose's `TopdownAffine(use_udp=True)`, which its estimators undo for one codec only."""

import sys
from collections.abc import Iterable
from typing import Any

from torch.utils.data import DataLoader

from mmpose_multilat.engine.hooks.codec_agreement import describe_crops


def warn_of_udp_crops(loader: DataLoader, decoders: Iterable[Any]) -> None:
    """Print one line on the error stream if one of the decoders does not correct for such crops.

    Args:
        loader: The test set.
        decoders: Codecs that will decode the heatmaps of its faces.
    """
    warnings = (describe_crops(loader, decoder) for decoder in decoders)
    warning = next(filter(None, warnings), None)
    if warning:
        print(f'warning: {warning}', file=sys.stderr)
