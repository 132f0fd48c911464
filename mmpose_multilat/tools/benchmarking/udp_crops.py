"""Crops by MMPose's `TopdownAffine(use_udp=True)`, which its estimators undo for one codec only."""

import sys
from collections.abc import Iterator, Mapping
from typing import Any

WARNING = (
    'warning: the test pipeline has TopdownAffine(use_udp=True); MMPose places landmarks of the '
    'decoders of this package up to one input px off with such crops (its own UDPHeatmap corrects '
    'for it), so set use_udp=False in training and test'
)


def warn_of_udp_crops(config: Mapping[str, Any]) -> None:
    """Print one line on the error stream if the test pipeline of a config cuts such crops."""
    if has_udp_crops(config.get('test_dataloader')):
        print(WARNING, file=sys.stderr)


def has_udp_crops(content: Any) -> bool:
    """Whether part of a config holds `TopdownAffine(use_udp=True)`, at any depth.

    MMPose cuts w px out as w - 1: left and right side of the region become the middles of the outer
    px. On the way back its pose estimators divide by w whatever the crop.

    Args:
        content: Any part of a config, for example that of a loader.
    """
    return any(
        _name(settings.get('type')) == 'TopdownAffine' and bool(settings.get('use_udp'))
        for settings in _mappings(content)
    )


def _name(kind: Any) -> str:
    """Name of a class without scope, as configs write it or as itself."""
    return str(getattr(kind, '__name__', kind)).rpartition('.')[-1]


def _mappings(content: Any) -> Iterator[Mapping[str, Any]]:
    """The mappings in nested mappings and lists."""
    if isinstance(content, Mapping):
        yield content
        content = list(content.values())
    if isinstance(content, (list, tuple)):
        for each in content:
            yield from _mappings(each)
