"""Checks of what codecs are given: every message names it, its value and what is allowed."""

import math
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np


def check_size(name: str, size: Any, smallest: int = 1) -> tuple[int, int]:
    """Return (width, height), whole numbers of at least `smallest`, or raise ValueError."""
    try:
        pair = tuple(size)
    except TypeError:
        pair = ()
    if len(pair) != 2 or not all(_is_whole(length) and length >= smallest for length in pair):
        raise ValueError(
            f'{name}={size!r} must be (width, height), two whole numbers of at least {smallest}'
        )
    return int(pair[0]), int(pair[1])


def check_whole(
    name: str, value: Any, smallest: int, largest: float = math.inf, reason: str = ''
) -> int:
    """Return a whole number between `smallest` and `largest`, or raise ValueError."""
    if not _is_whole(value) or not smallest <= value <= largest:
        limits = (
            f'of at least {smallest}' if math.isinf(largest) else f'from {smallest} to {largest}'
        )
        raise ValueError(f'{name}={value!r} must be a whole number {limits}{reason}')
    return int(value)


def check_positive(name: str, value: Any) -> float:
    """Return a finite number above zero, or raise ValueError."""
    if not _is_number(value) or not math.isfinite(value) or value <= 0:
        raise ValueError(f'{name}={value!r} must be a finite number above 0')
    return float(value)


def check_choice(name: str, value: Any, choices: Sequence[str]) -> str:
    """Return one of the choices, or raise ValueError."""
    if value not in choices:
        raise ValueError(f'{name}={value!r} is unknown, use one of {tuple(choices)}')
    return value


def check_flag(name: str, value: Any) -> bool:
    """Return True or False, or raise ValueError for anything else."""
    if not isinstance(value, bool):
        raise ValueError(f'{name}={value!r} must be True or False')
    return value


def check_labels(codec: str, keypoints: np.ndarray, visible: np.ndarray) -> None:
    """Raise ValueError unless keypoints are (1, K, 2 or more) and visibilities (1, K)."""
    if keypoints.ndim != 3 or keypoints.shape[0] != 1 or keypoints.shape[2] < 2:
        raise ValueError(f'{codec} encodes one face, keypoints (1, K, 2), got {keypoints.shape}')
    if visible.shape != keypoints.shape[:2]:
        raise ValueError(f'keypoints_visible must be {keypoints.shape[:2]}, got {visible.shape}')


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)
