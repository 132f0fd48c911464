"""Landmarks as settings name them: the ends of a distance, and single ones."""

from collections.abc import Sequence
from typing import Any, Union

from mmpose_multilat.landmarks.checks import is_whole
from mmpose_multilat.landmarks.schemes import Ends

EndsArgument = Sequence[Union[int, Sequence[int]]]
"""`Ends` as a user writes them: ``(60, 72)`` or ``(range(36, 42), range(42, 48))``."""


def as_ends(value: EndsArgument, setting: str, num_landmarks: int) -> Ends:
    """Read a pair of landmarks, or of groups of landmarks.

    Args:
        value: Two landmarks, or two sequences of landmarks whose means count.
        setting: Name of the setting, for messages.
        num_landmarks: Number K of landmarks.

    Returns:
        Two tuples of indices.

    Raises:
        ValueError: If it is no pair, or a landmark is none of 0 to K - 1.
    """
    ends = [_end(each) for each in value] if _is_sequence(value) else []
    if len(ends) != 2 or not all(ends):
        raise ValueError(
            f'{setting} must be two landmarks, as (60, 72), or two groups of landmarks, got {value}'
        )
    check_indices(ends[0] + ends[1], setting, num_landmarks)
    first, second = (tuple(int(index) for index in end) for end in ends)
    return first, second


def check_indices(indices: Sequence[Any], setting: str, num_landmarks: int) -> None:
    """Refuse what is no landmark.

    Args:
        indices: Landmarks, counted from 0.
        setting: Name of the setting, for messages.
        num_landmarks: Number K of landmarks.

    Raises:
        ValueError: If one is no whole number from 0 to K - 1.
    """
    for index in indices:
        if not is_whole(index) or not 0 <= index < num_landmarks:
            raise ValueError(
                f'{setting} names landmark {index!r}; the dataset has the landmarks 0 to '
                f'{num_landmarks - 1}'
            )


def _end(value: Any) -> tuple[Any, ...]:
    return tuple(value) if _is_sequence(value) else (value,)


def _is_sequence(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)
