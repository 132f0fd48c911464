"""Checks of arguments: every message names the argument, its value and what is allowed."""

import math
from collections.abc import Collection, Sequence
from numbers import Integral, Real
from typing import Any


def check_size(name: str, size: Any, smallest: int = 1) -> tuple[int, int]:
    """Return (width, height), whole numbers of at least `smallest`, or raise ValueError."""
    try:
        pair = tuple(size)
    except TypeError:
        pair = ()
    if len(pair) != 2 or not all(is_whole(length) and length >= smallest for length in pair):
        raise ValueError(
            f'{name}={size!r} must be (width, height), two whole numbers of at least {smallest}'
        )
    return int(pair[0]), int(pair[1])


def check_whole(
    name: str, value: Any, smallest: int, largest: float = math.inf, reason: str = ''
) -> int:
    """Return a whole number between `smallest` and `largest`, or raise ValueError."""
    if not is_whole(value) or not smallest <= value <= largest:
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


def check_number(name: str, value: Any, smallest: float = -math.inf) -> float:
    """Return a finite number of at least `smallest`, or raise ValueError."""
    if not _is_number(value) or not math.isfinite(value) or value < smallest:
        limit = '' if math.isinf(smallest) else f' of at least {smallest}'
        raise ValueError(f'{name}={value!r} must be a finite number{limit}')
    return value


def check_probability(name: str, value: Any) -> float:
    """Return a number from 0 to 1, or raise ValueError."""
    if not _is_number(value) or not 0 <= value <= 1:
        raise ValueError(f'{name}={value!r} must be a number from 0 to 1')
    return float(value)


def check_range(name: str, values: Any, largest: float = math.inf) -> tuple[float, float]:
    """Return (smallest, largest), finite numbers above 0 in this order, or raise ValueError."""
    pair = tuple(values) if isinstance(values, (list, tuple)) else ()
    numbers = len(pair) == 2 and all(_is_number(each) and math.isfinite(each) for each in pair)
    if not numbers or not 0 < pair[0] <= pair[1] <= largest:
        limit = '' if math.isinf(largest) else f' and at most {largest:g}'
        raise ValueError(f'{name}={values!r} must be (smallest, largest), numbers above 0{limit}')
    return float(pair[0]), float(pair[1])


def check_choice(name: str, value: Any, choices: Sequence[str]) -> str:
    """Return one of the choices, or raise ValueError."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f'{name}={value!r} is unknown, use one of {tuple(choices)}')
    return value


def check_numbers(name: str, values: Any) -> list[Any]:
    """Return numbers of any list or array, of any size, or raise ValueError."""
    found = list(values) if isinstance(values, Collection) else [None]
    if not (all(map(_is_number, found)) and not isinstance(values, str)):
        raise ValueError(f'{name}={values!r} must be a list of numbers')
    return found


def check_flag(name: str, value: Any) -> bool:
    """Return True or False, or raise ValueError for anything else."""
    if not isinstance(value, bool):
        raise ValueError(f'{name}={value!r} must be True or False')
    return value


def is_whole(value: Any) -> bool:
    """Whether a value is a whole number, of Python or NumPy; True and False are none."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)
