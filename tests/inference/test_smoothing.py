import math

import numpy as np
import pytest

from mmpose_multilat.inference.smoothing import (
    OneEuroSettings,
    one_euro_step,
    smoothing_weight,
    start_one_euro,
)


class LowPassFilter:
    """Algorithm 2 of the paper, one number at a time."""

    def __init__(self):
        self.last = None

    def filter(self, value, alpha):
        self.last = value if self.last is None else alpha * value + (1 - alpha) * self.last
        return self.last


class OneEuroFilter:
    """Algorithm 1 of the paper, one number at a time; the rate is that of the last two values."""

    def __init__(self, mincutoff, beta, dcutoff):
        self.mincutoff, self.beta, self.dcutoff = mincutoff, beta, dcutoff
        self.x, self.dx = LowPassFilter(), LowPassFilter()
        self.raw = self.time = None

    @staticmethod
    def alpha(rate, cutoff):
        tau = 1 / (2 * math.pi * cutoff)
        return 1 / (1 + tau * rate)

    def filter(self, value, time):
        if self.time is None:
            rate, derivative, smooth_derivative = 1.0, 0.0, self.dx.filter(0.0, 1.0)
        else:
            rate = 1 / (time - self.time)
            derivative = (value - self.raw) * rate
            smooth_derivative = self.dx.filter(derivative, self.alpha(rate, self.dcutoff))
        cutoff = self.mincutoff + self.beta * abs(smooth_derivative)
        self.raw, self.time = value, time
        return self.x.filter(value, self.alpha(rate, cutoff))


def smooth(points, times, settings, side=100.0):
    """(T, K, 2) smoothed landmarks of T images."""
    state = start_one_euro(points[0], times[0])
    answer = [state.points]
    for each, time in zip(points[1:], times[1:]):
        state = one_euro_step(state, each, time, side, settings)
        answer.append(state.points)
    return np.stack(answer)


def test_like_the_paper_on_uneven_times():
    rng = np.random.default_rng(0)
    times = 5 + np.cumsum(rng.uniform(0.01, 0.2, 60))
    points = np.cumsum(rng.normal(0, 5, (60, 3, 2)), 0)
    side = 80.0
    settings = OneEuroSettings(min_cutoff=0.7, beta=3.0, derivative_cutoff=1.5)
    expected = np.empty_like(points)
    for landmark in range(3):
        for axis in range(2):
            # Their speed is in px, ours in sides.
            reference = OneEuroFilter(0.7, 3.0 / side, 1.5)
            for step, time in enumerate(times):
                expected[step, landmark, axis] = reference.filter(
                    points[step, landmark, axis], time
                )
    np.testing.assert_allclose(smooth(points, times, settings, side), expected, rtol=1e-12)


def test_what_rests_stays():
    points = np.tile(np.array([[[3.0, -4.0], [1e6, 0.5]]]), (20, 1, 1))
    np.testing.assert_array_equal(smooth(points, np.arange(20) / 30, OneEuroSettings()), points)


def test_step_response_of_a_constant_cutoff_is_exponential():
    """Without beta the filter is a low-pass of first order; after a step 1 / (1 + T / tau) ^ n."""
    cutoff, rate = 2.0, 50.0
    points = np.ones((40, 1, 2))
    points[0] = 0
    smoothed = smooth(points, np.arange(40) / rate, OneEuroSettings(cutoff, 0.0))
    tau = 1 / (2 * math.pi * cutoff)
    expected = 1 - (1 + 1 / (rate * tau)) ** -np.arange(40.0)
    np.testing.assert_allclose(smoothed[:, 0, 0], expected, rtol=1e-12)
    assert (np.diff(smoothed[:, 0, 1]) > 0).all() and smoothed.max() < 1


def test_a_step_is_followed_faster_with_beta():
    points = np.full((10, 1, 2), 50.0)
    points[0] = 0
    times = np.arange(10) / 30
    slow, fast = (smooth(points, times, OneEuroSettings(1.0, beta)) for beta in (0.0, 10.0))
    assert (fast[1:] > slow[1:]).all()
    assert fast[3].min() > 0.9 * 50


def test_the_frame_rate_hardly_matters():
    """One second of a face that nods, seen at 120 and at 480 images a second."""

    def nod(rate):
        times = np.arange(rate + 1) / rate
        points = 20 * np.sin(2 * math.pi * times)[:, None, None] * np.ones((1, 1, 2))
        return smooth(points, times, OneEuroSettings())[:: rate // 60]

    difference = np.abs(nod(120) - nod(480)).max()
    lag = np.abs(nod(480)[:, 0, 0] - 20 * np.sin(2 * math.pi * np.arange(61) / 60)).max()
    assert difference < 0.25 < lag < 10


def test_the_size_of_the_face_does_not_matter():
    rng = np.random.default_rng(1)
    points, times = rng.normal(0, 5, (20, 2, 2)), np.arange(20) / 30
    small = smooth(points, times, OneEuroSettings(), side=50.0)
    np.testing.assert_allclose(smooth(4 * points, times, OneEuroSettings(), side=200.0), 4 * small)


def test_noise_becomes_less():
    noise = np.random.default_rng(2).normal(0, 0.5, (300, 4, 2))
    smoothed = smooth(noise, np.arange(300) / 30, OneEuroSettings())
    assert smoothed[30:].std() < 0.7 * noise[30:].std()


def test_landmarks_that_are_not_finite_stay_where_they_were():
    points = np.zeros((4, 2, 2))
    points[2, 1] = np.nan, np.inf
    np.testing.assert_array_equal(smooth(points, np.arange(4.0), OneEuroSettings()), 0)


def test_weights():
    assert smoothing_weight(1 / (2 * math.pi), 1.0) == pytest.approx(0.5)


@pytest.mark.parametrize('time', [1.0, 0.5])
def test_time_must_go_on(time):
    state = start_one_euro(np.zeros((1, 2)), 1.0)
    with pytest.raises(ValueError, match='time must go on'):
        one_euro_step(state, np.zeros((1, 2)), time, 100.0, OneEuroSettings())


@pytest.mark.parametrize(
    'settings, message',
    [
        (dict(min_cutoff=0), 'min_cutoff must be above 0, got 0'),
        (dict(beta=-1), 'beta must be at least 0, got -1'),
        (dict(derivative_cutoff=float('nan')), 'derivative_cutoff must be above 0'),
        (dict(min_cutoff=float('inf')), 'min_cutoff must be above 0'),
    ],
)
def test_settings_are_checked(settings, message):
    with pytest.raises(ValueError, match=message):
        OneEuroSettings(**settings)
