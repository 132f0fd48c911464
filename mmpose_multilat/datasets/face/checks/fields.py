"""What the fields of an annotation have to be."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Optional

from mmpose_multilat.datasets.face.checks.findings import FIELD, LANDMARKS

LARGEST_FLAG = 2
"""Largest flag v of a landmark: 0 not labelled, 1 labelled or occluded, 2 visible; fractions are
scores of COCO-WholeBody."""
Problem = tuple[str, Optional[str], str]
"""Kind, field, and what is wrong."""


def is_number(value: Any) -> bool:
    """Whether a value of a JSON file is a finite number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_positive(value: Any) -> bool:
    return is_number(value) and value > 0


def _are_numbers(value: Any, count: int) -> bool:
    return isinstance(value, list) and len(value) == count and all(map(is_number, value))


def _is_box(value: Any) -> bool:
    return _are_numbers(value, 4) and value[2] > 0 and value[3] > 0


def _is_file_name(value: Any) -> bool:
    return isinstance(value, str) and value != '' and '\0' not in value


_BOX = 'a box [x, y, width, height] in px with positive sides'
RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    'id': (_is_whole, 'a whole number'),
    'image_id': (_is_whole, 'a whole number'),
    'category_id': (_is_whole, 'a whole number'),
    'iscrowd': (lambda value: value in (0, False), '0; MMPose drops every other face'),
    'num_keypoints': (
        lambda value: _is_whole(value) and value > 0,
        'a positive whole number; MMPose drops every other face',
    ),
    'face_valid': (lambda value: isinstance(value, (bool, int)), 'true or false'),
    'bbox': (_is_box, _BOX),
    'face_box': (_is_box, _BOX),
    'center': (lambda value: _are_numbers(value, 2), 'two numbers, x and y in px'),
    'scale': (_is_positive, 'a positive number, the side of the box / 200 px'),
    'box_size': (_is_positive, 'a positive number, the side of the face box in px'),
    'file_name': (_is_file_name, 'the name of an image'),
    'width': (lambda value: _is_whole(value) and value > 0, 'a positive whole number of px'),
    'height': (lambda value: _is_whole(value) and value > 0, 'a positive whole number of px'),
}
"""Field -> test, and the words for what passes it."""


def field_problems(
    record: Mapping[str, Any], required: Sequence[str], optional: Sequence[str] = ()
) -> Iterator[Problem]:
    """Check fields of a record against `RULES`.

    Args:
        record: An image or annotation of a JSON file.
        required: Fields that it has to have.
        optional: Fields that are checked where it has them.

    Yields:
        What is wrong, one problem for a field.
    """
    names = dict.fromkeys((*required, *(name for name in optional if name in record)))
    for name in names:
        test, words = RULES[name]
        if name not in record:
            yield FIELD, name, f'is missing; it has to be {words}'
        elif not test(record[name]):
            yield FIELD, name, f'is {_shown(record[name])}; it has to be {words}'


def landmark_problems(record: Mapping[str, Any], name: str, landmarks: int) -> Iterator[Problem]:
    """Check the list x, y, v of a face's landmarks.

    Args:
        record: An annotation.
        name: Field of the list.
        landmarks: How many there have to be.

    Yields:
        The first thing that is wrong.
    """
    values = record.get(name)
    if not isinstance(values, list):
        yield LANDMARKS, name, f'is {_shown(values)}; it has to be a list x, y, v, x, ...'
    elif len(values) != 3 * landmarks:
        yield (
            LANDMARKS,
            name,
            f'has {len(values)} numbers, which is not x, y, v of {landmarks} landmarks '
            f'({3 * landmarks} numbers)',
        )
    else:
        yield from _value_problems(values, name)


def _value_problems(values: list[Any], name: str) -> Iterator[Problem]:
    for index, value in enumerate(values):
        landmark, part = index // 3, 'xyv'[index % 3]
        if not is_number(value):
            yield LANDMARKS, name, f'{part} of landmark {landmark} is {_shown(value)}, not a number'
            return
        if part == 'v' and not 0 <= value <= LARGEST_FLAG:
            yield (
                LANDMARKS,
                name,
                f'v of landmark {landmark} is {value}; it has to lie between 0 and {LARGEST_FLAG}',
            )
            return
    if not any(values[2::3]):
        yield LANDMARKS, name, 'no landmark is labelled (v is 0 everywhere)'
    elif max(*values[0::3], *values[1::3]) <= 0:
        yield LANDMARKS, name, 'no coordinate is positive; MMPose drops such a face'


def _shown(value: Any) -> str:
    """A value in few letters."""
    text = 'missing' if value is None else repr(value)
    return text if len(text) <= 40 else f'{text[:37]}...'
