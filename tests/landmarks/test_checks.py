import numpy as np
import pytest

from mmpose_multilat.landmarks.checks import (
    check_choice,
    check_number,
    check_numbers,
    check_probability,
    check_range,
    is_whole,
)


def test_whole_numbers_are_told_from_their_likes():
    assert [is_whole(each) for each in (3, 0, -1, np.int64(3))] == [True] * 4
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


@pytest.mark.parametrize('value', ['c', np.array(['a', 'b']), ['a'], None])
def test_what_is_no_choice_is_refused(value):
    with pytest.raises(ValueError, match=r"kind=.* is unknown, use one of \('a', 'b'\)"):
        check_choice('kind', value, ['a', 'b'])


@pytest.mark.parametrize('values', [[], [0.5, 1], (np.float32(2),), np.arange(3), range(2)])
def test_lists_of_numbers(values):
    assert check_numbers('limits', values) == list(values)


@pytest.mark.parametrize('values', [0.5, '0.5', '', None, ['0.5'], [True], [[1]]])
def test_what_is_no_list_of_numbers_is_refused(values):
    with pytest.raises(ValueError, match='limits=.* must be a list of numbers'):
        check_numbers('limits', values)


@pytest.mark.parametrize('value', [0, 0.5, 1, np.float32(0.25)])
def test_probabilities(value):
    assert check_probability('prob', value) == float(value)


@pytest.mark.parametrize('value', [-0.1, 1.1, float('nan'), True, '0.5', None])
def test_what_is_no_probability_is_refused(value):
    with pytest.raises(ValueError, match=f'prob={value!r} must be a number from 0 to 1'):
        check_probability('prob', value)


@pytest.mark.parametrize('values', [(0.5, 0.5), [1, 2], (1e-9, 1e9)])
def test_ranges(values):
    assert check_range('width', values) == tuple(map(float, values))


@pytest.mark.parametrize('values', [1, (1,), (0, 1), (2, 1), (1, float('inf')), ('1', 2), None])
def test_what_is_no_range_is_refused(values):
    with pytest.raises(ValueError, match=r'width=.* must be \(smallest, largest\)'):
        check_range('width', values)


def test_the_largest_of_a_range_is_named():
    assert check_range('width', (0.2, 1), largest=1) == (0.2, 1.0)
    with pytest.raises(ValueError, match='numbers above 0 and at most 1$'):
        check_range('width', (0.2, 1.5), largest=1)
