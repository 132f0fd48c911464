"""Landmarks as users write them."""

import numpy as np
import pytest

from mmpose_multilat.evaluation.ends import as_ends


def test_ends_as_users_write_them():
    assert as_ends((3, 5), 'eyes', 6) == ((3,), (5,))
    assert as_ends([[0, 1], range(2, 4)], 'eyes', 6) == ((0, 1), (2, 3))
    (left,), (right,) = as_ends(tuple(np.array([3, 5])), 'eyes', 6)
    assert (left, right) == (3, 5) and type(left) is type(right) is int  # for files of JSON


@pytest.mark.parametrize('value', [7, 'ab', (1,), (1, 2, 3), (1, ()), None])
def test_what_is_no_pair_is_refused(value):
    with pytest.raises(ValueError, match='eyes must be two landmarks'):
        as_ends(value, 'eyes', 6)


@pytest.mark.parametrize('value', [(0, 6), (-1, 2), (0, 1.5), ('0', 1), (True, 1)])
def test_what_is_no_landmark_is_refused(value):
    with pytest.raises(ValueError, match='pupils names landmark .* the landmarks 0 to 5'):
        as_ends(value, 'pupils', 6)
