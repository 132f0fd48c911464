import math

import pytest

from mmpose_multilat.datasets.face.checks.fields import (
    RULES,
    field_problems,
    is_number,
    landmark_problems,
)


@pytest.mark.parametrize('value', [0, -1.5, 10**30])
def test_numbers(value):
    assert is_number(value)


@pytest.mark.parametrize('value', [math.nan, math.inf, '1', None, True, [1]])
def test_other_values(value):
    assert not is_number(value)


GOOD = {
    'id': (0, 7),
    'iscrowd': (0, False),
    'num_keypoints': (1, 98),
    'face_valid': (True, 0),
    'bbox': ([-1, 0.5, 3, 1],),
    'center': ([1, 2.5],),
    'scale': (0.5, 1),
    'file_name': ('a.jpg',),
    'width': (1,),
}
BAD = {
    'id': ('7', 1.5, True, None),
    'iscrowd': (1, None),
    'num_keypoints': (0, -1, 2.0),
    'face_valid': ('true', None),
    'bbox': ([1, 2, 3], [1, 2, 0, 3], [1, 2, 3, math.nan], 'box'),
    'center': ([1], [1, None], 3.0),
    'scale': (0, -1, math.inf, [0.5, 0.5]),
    'file_name': ('', None, 5, 'a\0.jpg'),
    'width': (0, 1.5),
}


@pytest.mark.parametrize('name', GOOD)
def test_rules(name):
    for value in GOOD[name]:
        assert list(field_problems({name: value}, [name])) == []
    for value in BAD[name]:
        ((kind, field, words),) = field_problems({name: value}, [name])
        assert (kind, field) == ('field', name)
        assert RULES[name][1] in words


def test_missing_fields():
    ((_, name, words),) = field_problems({}, ['scale'], ['bbox'])
    assert name == 'scale' and words.startswith('is missing')


def test_optional_fields():
    assert list(field_problems({'bbox': [1, 2, 3, 4]}, [], ['bbox'])) == []
    assert len(list(field_problems({'bbox': [1, 2]}, [], ['bbox']))) == 1


@pytest.mark.parametrize(
    'values, words',
    [
        ([1, 2, 2, 3, 4, 0], None),
        ([1, 2, 0.4, -3, 4, 0.9], None),
        ([1, 2, 2, 3, 4], 'has 5 numbers, which is not x, y, v of 2 landmarks (6 numbers)'),
        ([1, 2, 2, 3, 4, 1, 5, 6, 2], 'has 9 numbers'),
        ([1, 2, 2, 3, math.nan, 1], 'y of landmark 1 is nan, not a number'),
        ([1, None, 2, 3, 4, 1], 'y of landmark 0 is missing, not a number'),
        ([1, 2, 2, 3, 4, 3], 'v of landmark 1 is 3; it has to lie between 0 and 2'),
        ([1, 2, 0, 3, 4, 0], 'no landmark is labelled'),
        ([0, -2, 2, 0, 0, 2], 'no coordinate is positive'),
        ({'x': 1}, 'it has to be a list'),
        (None, 'it has to be a list'),
    ],
)
def test_landmarks(values, words):
    problems = list(landmark_problems({'keypoints': values}, 'keypoints', 2))
    if words is None:
        assert problems == []
    else:
        ((kind, field, found),) = problems
        assert (kind, field) == ('landmarks', 'keypoints')
        assert words in found
