"""How long runs take."""

import pytest
from example_study import HARDWARE, ExampleRun

from projects.study.estimate import Estimate, duration
from projects.study.results import Result, make_record

RUN = ExampleRun('red', 4, 0, 12)


@pytest.fixture
def results():
    """One run of 630 s."""
    record = make_record(RUN, hardware=HARDWARE, train_seconds=600, decode_seconds=30)
    return [Result(RUN, record)]


def test_estimates_come_from_this_machine(results):
    run = ExampleRun('blue', 4, 7, 12)
    known = Estimate(results, 'a processor', 'CPU')
    assert known.is_measured(run) and known.of(run) == 630
    unknown = Estimate(results, 'another processor', 'CPU')
    assert not unknown.is_measured(run) and unknown.of(run) == 12 * 25 + 60


class CheapRun(ExampleRun):
    """A run that says what it costs, at a size that has no guess of its own."""

    cost = 'half of 24x24'
    cpu_seconds_per_epoch = 7.5


def test_a_run_may_say_what_it_costs(results):
    estimate = Estimate(results, 'a processor', 'CPU')
    cheap, other = (CheapRun(colour, 24, 0, 12) for colour in ('red', 'green'))
    assert not estimate.is_measured(cheap) and estimate.of(cheap) == 12 * 7.5 + 60
    record = make_record(cheap, hardware=HARDWARE, train_seconds=80, decode_seconds=4)
    estimate.add(Result(cheap, record))
    assert estimate.is_measured(other) and estimate.of(other) == 84
    assert estimate.of(RUN) == 630


def test_time_left_with_two_workers(results):
    estimate = Estimate(results, 'a processor', 'CPU')
    runs = [ExampleRun('blue', 4, seed, 12) for seed in (7, 8, 9)]
    # Free at 100 and 400 s: the first two start then, the third at 730.
    assert estimate.left(runs, [400, 100], workers=2) == 100 + 630 + 630
    assert estimate.left([], [], workers=2) == 0


@pytest.mark.parametrize(
    'seconds, text', [(0, '0 s'), (59, '59 s'), (90, '2 min'), (7260, '2 h 01 min')]
)
def test_duration(seconds, text):
    assert duration(seconds) == text
