import torch
from mmpose.codecs import MSRAHeatmap
from torch.utils import benchmark

from mmpose_multilat.analysis import decode_once, measure_time, timing
from mmpose_multilat.codecs import OneHot


class Clock:
    """Time passes only where the work says so."""

    def __init__(self, *seconds):
        self.now, self.seconds, self.calls = 0.0, seconds, 0

    def work(self):
        self.now += self.seconds[min(self.calls, len(self.seconds) - 1)]
        self.calls += 1

    def timer(self, *arguments, **settings):
        return benchmark.Timer(*arguments, **settings, timer=lambda: self.now)


def test_median_of_several_after_a_warm_up(monkeypatch):
    # The first call warms up, the second says how often to repeat, the others are measured.
    clock = Clock(9, 2, 0.5, 0.25, 0.5, 1.0, 0.5)
    monkeypatch.setattr(timing, 'Timer', clock.timer)
    result = measure_time(clock.work, faces=4)
    assert (result.ms_per_face, result.fastest, result.slowest) == (125, 62.5, 250)
    assert result.measurements == clock.calls - 2 >= 4


def test_work_that_scatters_is_measured_longer_but_not_for_ever(monkeypatch):
    steady, scattered = Clock(0.25), Clock(*(0.25, 0.75) * 99)
    for clock in (steady, scattered):
        monkeypatch.setattr(timing, 'Timer', clock.timer)
        measure_time(clock.work, faces=1)
    assert steady.now < scattered.now < timing.LONGEST_SECONDS + 3


def test_threads_stay_as_they_are(quick_times):
    seen = []
    measure_time(lambda: seen.append(torch.get_num_threads()), faces=1)
    assert set(seen) == {torch.get_num_threads()}


def test_both_ways_of_decoding(monkeypatch):
    calls = []
    batched, single = OneHot((256, 256), (8, 8)), MSRAHeatmap((256, 256), (8, 8), sigma=2)
    monkeypatch.setattr(batched, 'batch_decode', lambda maps: calls.append(tuple(maps.shape)))
    monkeypatch.setattr(single, 'decode', lambda maps: calls.append(maps.shape))
    for codec in (batched, single):
        decode_once(codec, torch.zeros(2, 5, 8, 8))
    assert calls == [(2, 5, 8, 8), (5, 8, 8), (5, 8, 8)]
