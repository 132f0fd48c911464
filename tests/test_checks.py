import numpy as np
import pytest

from mmpose_multilat.checks import check_number, is_whole


def test_whole_numbers_are_told_from_their_likes():
    assert [is_whole(each) for each in (3, 0, -1)] == [True] * 3
    assert not any(is_whole(each) for each in (3.0, True, '3', None, [3]))


@pytest.mark.parametrize('value', [0, 2.5, np.float32(0.25)])
def test_numbers_stay_what_they_are(value):
    assert check_number('factor', value, smallest=0) is value


@pytest.mark.parametrize('value', [float('nan'), float('inf'), '1', True, None])
def test_what_is_no_finite_number_is_refused(value):
    with pytest.raises(ValueError, match=f'factor={value!r} must be a finite number$'):
        check_number('factor', value)


def test_the_smallest_is_named():
    assert check_number('factor', -3) == -3
    with pytest.raises(ValueError, match='factor=-3 must be a finite number of at least 0'):
        check_number('factor', -3, smallest=0)
