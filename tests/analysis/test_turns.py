import pytest

from mmpose_multilat.analysis import Subject, TurnTiming, time_in_turns, turns


class Clock:
    """Time passes only where work says so."""

    def __init__(self):
        self.now, self.calls = 0.0, []

    def timer(self):
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
    monkeypatch.setattr(turns, 'timer', clock.timer)
    return clock


def test_medians_and_quartiles_after_a_warm_up(clock):
    subjects = [clock.subject('a', [9, 9, 1, 3, 2, 5, 4]), clock.subject('b', [9, 9] + [0.5] * 5)]
    ticks = []
    a, b = time_in_turns(subjects, 5, lambda: ticks.append(1))
    assert a == TurnTiming(ms=3000, low=2000, high=4000, turns=5)
    assert b == TurnTiming(ms=500, low=500, high=500, turns=5)
    assert len(ticks) == 5


def test_every_turn_has_all_in_changing_order(clock):
    subjects = [clock.subject(label, [0.1] * 30) for label in 'abcd']
    time_in_turns(subjects, 20, lambda: None)
    rounds = [tuple(clock.calls[start : start + 4]) for start in range(8, len(clock.calls), 4)]
    assert len(rounds) == 20
    assert all(sorted(each) == list('abcd') for each in rounds)
    assert len(set(rounds)) > 5


def test_slow_stock_decoders_take_part_in_a_few_turns(clock):
    subjects = [clock.subject('a', [0.1] * 99), clock.subject('s', [0.2] * 99, 'stock')]
    a, stock = time_in_turns(subjects, 12, lambda: None)
    assert (a.turns, stock.turns) == (12, turns.STOCK_TURNS)


def test_one_turn_has_no_spread(clock):
    (timing,) = time_in_turns([clock.subject('a', [9, 9, 2])], 1, lambda: None)
    assert timing == TurnTiming(ms=2000, low=2000, high=2000, turns=1)
