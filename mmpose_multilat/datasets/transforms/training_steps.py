"""Steps of a pipeline that only a training needs."""

from collections.abc import Iterable
from typing import Any

from mmcv.transforms import RandomGrayscale
from mmpose.datasets.transforms import Albumentation, GenerateTarget, KeypointConverter

from .random_occlusion import RandomOcclusion

LABEL_STEPS = (GenerateTarget, KeypointConverter)
"""They change labels alone."""


def is_random(transform: Any) -> bool:
    """Whether a transform changes every image otherwise, as mmcv's own marks tell.

    `Albumentation` is taken for what its name does not tell: it may prepare every image alike. So
    does `RandomGrayscale(prob=1)`, the transform with which grey networks get grey images.

    Args:
        transform: A built transform, or one that holds others as mmcv's `RandomApply`.
    """
    if isinstance(transform, (Albumentation, RandomOcclusion)):
        return isinstance(transform, RandomOcclusion)
    if isinstance(transform, RandomGrayscale) and transform.prob == 1:
        return False
    kind = type(transform)
    has_random_methods = bool(getattr(kind, '_methods_with_randomness', ()))
    return has_random_methods or bool(getattr(kind, 'avoid_cache_randomness', False))


def is_for_training(transform: Any) -> bool:
    """Whether a test does without a transform: it changes labels alone, or images at random."""
    return isinstance(transform, LABEL_STEPS) or is_random(transform)


def names_of(transforms: Iterable[Any]) -> str:
    """Names of built transforms, each once."""
    return ', '.join(dict.fromkeys(type(each).__name__ for each in transforms))
