"""Checks of what heads, losses and backbones are given."""

import math
from numbers import Real
from typing import Any


def is_whole(value: Any) -> bool:
    """Whether a value is a whole number; True and False are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def check_number(name: str, value: Any, smallest: float = -math.inf) -> float:
    """Return a finite number of at least `smallest`, or raise ValueError."""
    number = isinstance(value, Real) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or value < smallest:
        limit = '' if math.isinf(smallest) else f' of at least {smallest}'
        raise ValueError(f'{name}={value!r} must be a finite number{limit}')
    return value
