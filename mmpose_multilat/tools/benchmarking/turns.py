"""Time several pieces of work in turns, and the memory that each takes beside its input."""

import json
import os
import random
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

import torch
from torch.profiler import ProfilerActivity, profile

from .decode_subjects import Subject

STOCK_TURNS = 5
"""MMPose's decoders loop over landmarks and are slow; few measurements are precise enough."""

WARM_UP_CALLS = 2

NO_LOG = '99'
"""Above all levels of the profiler's log, which would write between the lines of the progress."""


@dataclass(frozen=True)
class TurnTiming:
    """Time of a piece of work that took turns with others.

    Attributes:
        ms: Median time of a call in ms.
        low: First quartile in ms.
        high: Third quartile in ms; far from the first on a busy machine.
        turns: Number of measurements.
    """

    ms: float
    low: float
    high: float
    turns: int


def time_in_turns(
    subjects: Sequence[Subject], turns: int, device: str, tick: Callable[[], Any]
) -> list[TurnTiming]:
    """Time all subjects again and again, every turn in another order.

    Taking turns lets a busy machine disturb all alike; the changing order lets each find the caches
    as each of the others leaves them.

    Args:
        subjects: What to time. Those of the kind 'stock' take part in the first turns only.
        turns: Number of measurements of each.
        device: 'cpu', 'cuda:0' ...; work on a GPU is waited for.
        tick: Called after every turn.

    Returns:
        Timings in the order of the subjects.
    """
    order = random.Random(0)
    seconds: list[list[float]] = [[] for _ in subjects]
    for subject in subjects:
        for _ in range(1 if subject.kind == 'stock' else WARM_UP_CALLS):
            _seconds(subject, device)
    for turn in range(turns):
        for index in order.sample(range(len(subjects)), len(subjects)):
            if turn < STOCK_TURNS or subjects[index].kind != 'stock':
                seconds[index].append(_seconds(subjects[index], device))
        tick()
    return [_summary(each) for each in seconds]


def _seconds(subject: Subject, device: str) -> float:
    _wait(device)
    start = time.perf_counter()
    subject.work()
    _wait(device)
    return time.perf_counter() - start


def _wait(device: str) -> None:
    if device.startswith('cuda'):
        torch.cuda.synchronize(device)


def _summary(seconds: Sequence[float]) -> TurnTiming:
    times = [1000 * each for each in seconds]
    low, _, high = statistics.quantiles(times, method='inclusive') if len(times) > 1 else times * 3
    return TurnTiming(statistics.median(times), low, high, len(times))


def peak_memory(subject: Subject, device: str) -> int:
    """Most bytes that a piece of work holds at once beside what it is given.

    Args:
        subject: The work; memory of PyTorch is counted, for 'stock' subjects that of NumPy.
        device: Where it works.

    Returns:
        Number of bytes.
    """
    subject.work()
    if subject.kind == 'stock':
        return _peak_of_numpy(subject)
    if device.startswith('cuda'):
        return _peak_on_gpu(subject, device)
    os.environ.setdefault('KINETO_LOG_LEVEL', NO_LOG)
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        subject.work()
    return _peak_of_trace(profiler)


def _peak_of_numpy(subject: Subject) -> int:
    tracemalloc.start()
    try:
        subject.work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _peak_on_gpu(subject: Subject, device: str) -> int:
    torch.cuda.synchronize(device)
    torch.cuda.reset_peak_memory_stats(device)
    before = torch.cuda.memory_allocated(device)
    subject.work()
    torch.cuda.synchronize(device)
    return torch.cuda.max_memory_allocated(device) - before


def _peak_of_trace(profiler: profile) -> int:
    """Largest running total of the allocations in a profile."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / 'trace.json'
        profiler.export_chrome_trace(str(path))
        events = json.loads(path.read_text(encoding='utf-8'))['traceEvents']
    changes = [event for event in events if event.get('name') == '[memory]']
    held = peak = 0
    for event in sorted(changes, key=lambda event: event['ts']):
        held += event['args']['Bytes']
        peak = max(peak, held)
    return peak
