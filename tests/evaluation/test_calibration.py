"""Calibration against numpy's and scipy's own formulas, and against errors of known covariance."""

import math

import numpy as np
import pytest
from scipy.stats import chi2

from mmpose_multilat.evaluation.calibration import (
    FITS,
    coverage,
    halve,
    mean_squares,
    rank_correlation,
    rank_correlation_within_landmarks,
    reliability,
    robust_variance,
    squared_mahalanobis,
    variance,
)


def covariances_of(shape, seed=0):
    """Random covariances, strongly correlated ones among them."""
    factors = np.random.default_rng(seed).normal(size=(*shape, 2, 2))
    return factors @ np.swapaxes(factors, -1, -2) + 0.05 * np.eye(2)


def errors_like(covariances, seed=1):
    """Gaussian errors with these covariances."""
    noise = np.random.default_rng(seed).normal(size=(*covariances.shape[:-1], 1))
    return (np.linalg.cholesky(covariances) @ noise)[..., 0]


def test_squared_mahalanobis_is_that_of_the_inverse():
    covariances = covariances_of((3, 4))
    errors = np.random.default_rng(2).normal(size=(3, 4, 2))
    expected = np.einsum('nki,nkij,nkj->nk', errors, np.linalg.inv(covariances), errors)
    np.testing.assert_allclose(squared_mahalanobis(errors, covariances), expected)


@pytest.mark.filterwarnings('error')
def test_what_is_no_covariance_is_left_out():
    nothing = np.full((2, 2), np.nan)
    flat, negative = np.ones((2, 2)), -np.eye(2)
    infinite = np.diag([np.inf, 1.0])
    covariances = np.stack([nothing, flat, negative, infinite, np.eye(2), np.eye(2)])
    errors = np.array([[3.0, 4.0]] * 5 + [[np.nan, 4.0]])
    squares = squared_mahalanobis(errors, covariances)
    np.testing.assert_array_equal(squares, [np.nan] * 4 + [25.0, np.nan])
    assert variance(squares) == 12.5
    assert coverage(squares, [0.5]) == {0.5: 0.0}


def test_float32_and_scale_do_not_matter():
    covariances = covariances_of((50,))
    errors = errors_like(covariances)
    expected = squared_mahalanobis(errors, covariances)
    small = squared_mahalanobis((errors / 256).astype('f4'), (covariances / 256**2).astype('f4'))
    np.testing.assert_allclose(small, expected, rtol=1e-3)


def test_right_covariances_are_found_right():
    covariances = covariances_of((200, 100))
    squares = squared_mahalanobis(errors_like(covariances), covariances)
    assert variance(squares) == pytest.approx(1, abs=0.03)
    assert robust_variance(squares) == pytest.approx(1, abs=0.03)
    for level, share in coverage(squares).items():
        assert share == pytest.approx(level, abs=0.01)


def test_fits_find_the_factor_and_the_robust_one_whatever_outliers_say():
    covariances = covariances_of((20_000,))
    squares = squared_mahalanobis(errors_like(covariances), covariances / 9)
    assert FITS['mean_square'](squares) == pytest.approx(9, rel=0.03)
    assert FITS['median'](squares) == pytest.approx(9, rel=0.03)
    squares[:200] = 1e5
    assert FITS['mean_square'](squares) > 100
    assert FITS['median'](squares) == pytest.approx(9, rel=0.05)


def test_coverage_uses_the_ellipses_of_two_dimensions():
    edges = chi2(2).ppf([0.5, 0.9])
    squares = np.array([edges[0] - 0.01, edges[0] + 0.01, edges[1] - 0.01, edges[1] + 0.01])
    assert coverage(squares, [0.5, 0.9]) == {0.5: 0.25, 0.9: 0.75}


def test_coverage_counts_infinite_errors_as_outside_and_leaves_out_what_is_undefined():
    assert coverage(np.array([0.1, np.inf, np.nan]), [0.5]) == {0.5: 0.5}


def test_reliability_by_hand():
    """Two bins: predicted variances 1 and 4, actual ones 4 and 9."""
    covariances = np.array([4.0, 1.0, 4.0, 1.0])[:, None, None] * np.eye(2)
    errors = np.array([[3.0, 3.0], [2.0, 2.0], [3.0, -3.0], [0.0, math.sqrt(8)]])
    curve = reliability(errors, covariances, bins=2)
    np.testing.assert_allclose(curve.predicted, [1, 2])
    np.testing.assert_allclose(curve.actual, [2, 3])


def test_bins_are_those_of_the_predicted_error():
    covariances = np.array([4.0, 1.0, 4.0, 1.0])[:, None, None] * np.eye(2)
    errors = np.array([[0.0, 0.0], [3.0, 3.0], [2.0, 2.0], [1.0, 1.0]])
    curve = reliability(errors, covariances, bins=2)
    np.testing.assert_allclose(curve.predicted, [1, 2])
    np.testing.assert_allclose(curve.actual, [math.sqrt(5), math.sqrt(2)])


def test_reliability_has_no_empty_bins():
    curve = reliability(np.ones((3, 2)), covariances_of((3,)), bins=10)
    assert len(curve.predicted) == len(curve.actual) == 3


def test_mean_squares_leaves_out_what_is_not_finite():
    errors = np.array([[1.0, 3.0], [np.nan, 0.0], [2.0, 2.0]])
    covariances = np.stack([np.diag([1.0, 5.0]), np.eye(2), np.full((2, 2), np.nan)])
    predicted, actual = mean_squares(errors, covariances)
    assert predicted.tolist() == [3.0] and actual.tolist() == [5.0]


def test_rank_correlation_within_landmarks_ignores_that_some_are_harder():
    """Landmark 1 is harder and known to be; within each landmark prediction and error oppose."""
    sizes = np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0], [4.0, 40.0]])
    errors = np.stack((sizes[::-1], np.zeros_like(sizes)), -1)
    covariances = sizes[..., None, None] * np.eye(2)
    assert rank_correlation(errors, covariances) > 0.4
    assert rank_correlation_within_landmarks(errors, covariances) == pytest.approx(-1)


@pytest.mark.filterwarnings('error')
def test_rank_correlation_of_too_little():
    assert math.isnan(rank_correlation(np.ones((2, 2)), covariances_of((2,))))
    assert math.isnan(rank_correlation(np.ones((5, 2)), covariances_of((5,))))
    two, three = np.diag([1.0, 2.0]), np.array([[0.0, 3.0], [1.0, 2.0], [5.0, 5.0]])
    assert math.isnan(rank_correlation(two, covariances_of((2,))))
    assert rank_correlation(three, np.arange(1, 4)[:, None, None] * np.eye(2)) == pytest.approx(0.5)
    assert math.isnan(rank_correlation_within_landmarks(np.ones((5, 3, 2)), covariances_of((5, 3))))


def test_halves_share_no_group():
    groups = [f'person {index}' for index in np.random.default_rng(0).integers(0, 9, 100)]
    halves = [halve(groups, seed) for seed in range(5)]
    for half in halves:
        inside = {name for name, chosen in zip(groups, half) if chosen}
        outside = {name for name, chosen in zip(groups, half) if not chosen}
        assert not inside & outside and inside and outside
        assert 35 <= half.sum() <= 80  # up to one person more than half
    assert len({half.tobytes() for half in halves}) > 1
    np.testing.assert_array_equal(halves[0], halve(groups, 0))


def test_groups_are_drawn_until_they_hold_half_of_the_faces():
    """Ten groups of ten: five in any order; of 60, 30 and 10 one or two."""
    assert {halve([f'{i % 10}' for i in range(100)], seed).sum() for seed in range(5)} == {50}
    groups = ['a'] * 60 + ['b'] * 30 + ['c'] * 10
    drawn = {halve(groups, seed).sum() for seed in range(30)}
    assert drawn == {60, 90, 70, 40}  # a; b and a; c and a; b and c, as one group must be left


def test_both_halves_have_faces_even_if_one_group_is_nearly_all():
    for seed in range(4):
        half = halve(['crowd'] * 99 + ['one'], seed)
        assert 0 < half.sum() < 100


def test_one_group_cannot_be_halved():
    with pytest.raises(ValueError, match='at least two groups of faces, got 1'):
        halve(['someone'] * 5, 0)
