import torch
from mmpose.codecs import MSRAHeatmap

from mmpose_multilat.codecs import OneHot
from mmpose_multilat.tools.benchmarking import timing


class Clock:
    """Time passes only where the work says so."""

    def __init__(self, steps):
        self.now, self.steps, self.calls = 0.0, iter(steps), 0

    def work(self):
        self.calls += 1
        self.now += next(self.steps)

    def perf_counter(self):
        return self.now


def test_median_of_several_after_a_warm_up(monkeypatch):
    # The first call warms up, the second says how often to repeat, then seven are measured.
    clock = Clock([9, 2, 1, 1, 3, 8, 2, 2, 5])
    monkeypatch.setattr(timing, 'time', clock)
    result = timing.measure_time(clock.work, faces=4)
    assert clock.calls == 9
    assert (result.ms_per_face, result.fastest, result.slowest) == (500, 250, 2000)
    assert result.measurements == 7


def test_short_work_is_repeated(monkeypatch):
    clock = Clock([0.03125] * 1000)
    monkeypatch.setattr(timing, 'time', clock)
    result = timing.measure_time(clock.work, faces=1)
    assert result.ms_per_face == 31.25
    assert clock.calls == 2 + 7 * 4  # 0.1 s are four calls


def test_both_ways_of_decoding(monkeypatch):
    calls = []
    batched, single = OneHot((256, 256), (8, 8)), MSRAHeatmap((256, 256), (8, 8), sigma=2)
    monkeypatch.setattr(batched, 'batch_decode', lambda maps: calls.append(tuple(maps.shape)))
    monkeypatch.setattr(single, 'decode', lambda maps: calls.append(maps.shape))
    for codec in (batched, single):
        timing.decode_once(codec, torch.zeros(2, 5, 8, 8))
    assert calls == [(2, 5, 8, 8), (5, 8, 8), (5, 8, 8)]
