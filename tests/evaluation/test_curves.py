"""Failure rate, area and curve against their definitions."""

import numpy as np
import pytest

from mmpose_multilat.evaluation import area_under_curve, cumulative_errors, failure_rate

NAN = float('nan')


def test_a_face_at_the_threshold_has_not_failed():
    errors = np.array([0.05, 0.10, 0.100001, 0.2, NAN])
    assert failure_rate(errors, 0.10) == 0.5
    assert failure_rate(errors, 0.2) == 0.0
    assert failure_rate(errors, 0.01) == 1.0


def test_areas_that_can_be_drawn():
    assert area_under_curve(np.array([0.0]), 0.1) == 1.0
    assert area_under_curve(np.array([0.1, 7.0, 0.3]), 0.1) == 0.0
    assert str(area_under_curve(np.array([1.1, 1.2, 1.3]), 0.1)) == '0.0'  # not -0.0 or -1e-16
    # One face from 0.02 on, both from 0.06 on: (0.04 * 1/2 + 0.04 * 1) / 0.1.
    assert area_under_curve(np.array([0.02, 0.06, NAN]), 0.1) == pytest.approx(0.6)


@pytest.mark.parametrize('threshold', [0.05, 0.07, 0.08, 0.10, 0.99])
def test_area_is_the_integral_of_the_curve(threshold):
    errors = np.random.default_rng(1).gamma(3.0, 0.02, 500)
    # Between two errors the curve is constant, so a sum over these intervals has no error.
    edges = np.unique(np.concatenate([[0.0, threshold], errors[errors < threshold]]))
    heights = [np.mean(errors <= edge) for edge in edges[:-1]]
    integral = np.sum(np.diff(edges) * heights) / threshold
    assert area_under_curve(errors, threshold) == pytest.approx(integral, abs=1e-12)
    # A fine sum over samples, as public codes take it, comes near.
    samples = np.linspace(0, threshold, 20001)
    fractions = np.searchsorted(np.sort(errors), samples, side='right') / len(errors)
    near = np.sum((fractions[1:] + fractions[:-1]) / 2) / 20000
    assert area_under_curve(errors, threshold) == pytest.approx(near, abs=1e-3)


def test_area_is_never_below_the_mean():
    errors = np.random.default_rng(2).gamma(2.0, 0.05, 100)
    assert area_under_curve(errors, 0.1) >= 1 - errors.mean() / 0.1


def test_curve():
    x, fraction = cumulative_errors(np.array([0.3, NAN, 0.1, 0.2, 0.2]))
    assert x.tolist() == [0.1, 0.2, 0.2, 0.3]
    assert fraction.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert [len(each) for each in cumulative_errors(np.array([NAN]))] == [0, 0]


@pytest.mark.parametrize('function', [failure_rate, area_under_curve])
def test_what_cannot_be_computed(function):
    for errors in ([], [NAN, NAN]):
        with pytest.raises(ValueError, match='no face'):
            function(np.array(errors), 0.1)
    for threshold in (0, -1, NAN, np.inf):
        with pytest.raises(ValueError, match='thresholds must be fractions above 0'):
            function(np.array([0.1]), threshold)


@pytest.mark.parametrize('function', [failure_rate, area_under_curve])
@pytest.mark.parametrize('percent, fraction', [(1, '0.01'), (8, '0.08'), (7.5, '0.075')])
def test_a_threshold_in_percent_is_refused(function, percent, fraction):
    with pytest.raises(ValueError, match=f'got {percent}; {percent} % is {fraction}'):
        function(np.array([0.05]), percent)
