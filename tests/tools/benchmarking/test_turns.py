import numpy as np
import pytest
import torch

from mmpose_multilat.tools.benchmarking import turns
from mmpose_multilat.tools.benchmarking.decode_subjects import Subject
from mmpose_multilat.tools.benchmarking.turns import TurnTiming, peak_memory, time_in_turns


class Clock:
    """Time passes only where work says so."""

    def __init__(self):
        self.now, self.calls = 0.0, []

    def perf_counter(self):
        return self.now

    def subject(self, label, seconds, kind='ours'):
        remaining = iter(seconds)

        def work():
            self.calls.append(label)
            self.now += next(remaining)

        return Subject(label, kind, work)


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(turns, 'time', clock)
    return clock


def test_medians_and_quartiles_after_a_warm_up(clock):
    subjects = [clock.subject('a', [9, 9, 1, 3, 2, 5, 4]), clock.subject('b', [9, 9] + [0.5] * 5)]
    ticks = []
    a, b = time_in_turns(subjects, 5, 'cpu', lambda: ticks.append(1))
    assert a == TurnTiming(ms=3000, low=2000, high=4000, turns=5)
    assert b == TurnTiming(ms=500, low=500, high=500, turns=5)
    assert len(ticks) == 5


def test_every_turn_has_all_in_changing_order(clock):
    subjects = [clock.subject(label, [0.1] * 30) for label in 'abcd']
    time_in_turns(subjects, 20, 'cpu', lambda: None)
    rounds = [tuple(clock.calls[start : start + 4]) for start in range(8, len(clock.calls), 4)]
    assert len(rounds) == 20
    assert all(sorted(each) == list('abcd') for each in rounds)
    assert len(set(rounds)) > 5


def test_slow_stock_decoders_take_part_in_a_few_turns(clock):
    subjects = [clock.subject('a', [0.1] * 99), clock.subject('s', [0.2] * 99, 'stock')]
    a, stock = time_in_turns(subjects, 12, 'cpu', lambda: None)
    assert (a.turns, stock.turns) == (12, turns.STOCK_TURNS)


def test_one_turn_has_no_spread(clock):
    (timing,) = time_in_turns([clock.subject('a', [9, 9, 2])], 1, 'cpu', lambda: None)
    assert timing == TurnTiming(ms=2000, low=2000, high=2000, turns=1)


def test_peak_memory_counts_what_is_held_at_once():
    tensor = torch.zeros(250_000)  # a million bytes

    def two_at_once_of_three():
        first = tensor + 1
        second = first + 1
        del first
        return second + 1

    peak = peak_memory(Subject('a', 'ours', two_at_once_of_three), 'cpu')
    assert peak == pytest.approx(2e6, rel=0.01)


def test_peak_memory_of_numpy():
    array = np.zeros(250_000, dtype=np.float32)
    peak = peak_memory(Subject('a', 'stock', lambda: (array + 1) + (array + 2)), 'cpu')
    assert 2e6 <= peak < 3.1e6


@pytest.mark.skipif(not torch.cuda.is_available(), reason='needs a CUDA GPU')
def test_peak_memory_on_a_gpu():
    tensor = torch.zeros(250_000, device='cuda')
    peak = peak_memory(Subject('a', 'ours', lambda: tensor + 1), 'cuda')
    assert peak == pytest.approx(1e6, rel=0.01)
