"""Time several pieces of work in turns."""

import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from torch.utils.benchmark import timer

STOCK_TURNS = 5
"""MMPose's decoders loop over landmarks and are slow; few measurements are precise enough."""

WARM_UP_CALLS = 2


@dataclass(frozen=True)
class Subject:
    """Something to measure.

    Attributes:
        label: Its name in tables.
        kind: 'floor', 'ours' or 'stock'.
        work: Handles all heatmaps once, up to coordinates on the host unless it is a floor.
    """

    label: str
    kind: str
    work: Callable[[], Any]


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
    subjects: Sequence[Subject], turns: int, tick: Callable[[], Any]
) -> list[TurnTiming]:
    """Time all subjects again and again, every turn in another order.

    Taking turns lets a busy machine disturb all alike; the changing order lets each find the caches
    as each of the others leaves them.

    Args:
        subjects: What to time; work on the present GPU is waited for. Those of the kind 'stock'
            take part in the first turns only.
        turns: Number of measurements of each.
        tick: Called after every turn.

    Returns:
        Timings in the order of the subjects.
    """
    order = random.Random(0)
    seconds: list[list[float]] = [[] for _ in subjects]
    for subject in subjects:
        for _ in range(1 if subject.kind == 'stock' else WARM_UP_CALLS):
            _seconds(subject)
    for turn in range(turns):
        for index in order.sample(range(len(subjects)), len(subjects)):
            if turn < STOCK_TURNS or subjects[index].kind != 'stock':
                seconds[index].append(_seconds(subjects[index]))
        tick()
    return [_summary(each) for each in seconds]


def _seconds(subject: Subject) -> float:
    start = timer()
    subject.work()
    return timer() - start


def _summary(seconds: Sequence[float]) -> TurnTiming:
    times = [1000 * each for each in seconds]
    low, _, high = statistics.quantiles(times, method='inclusive') if len(times) > 1 else times * 3
    return TurnTiming(statistics.median(times), low, high, len(times))
