"""Numbers of several seeds, and their mean and spread."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import mean, stdev
from typing import Optional

from .results import Result

BySeed = dict[int, float]
"""A number of each seed."""

Reader = Callable[[Result], Optional[float]]
"""Takes a number from a result, None if it has none."""


@dataclass(frozen=True)
class Summary:
    """Mean, sample standard deviation (None for a single value) and number of values."""

    mean: float
    spread: Optional[float]
    count: int


def summarise(values: Sequence[float]) -> Optional[Summary]:
    """Summarise the values of several seeds; None if there are none."""
    if not values:
        return None
    return Summary(mean(values), stdev(values) if len(values) > 1 else None, len(values))


def by_seed(results: Sequence[Result], read: Reader) -> BySeed:
    """A number of every run of one setting; seeds without it are left out."""
    found = {result.run.seed: read(result) for result in results}
    return {seed: value for seed, value in found.items() if value is not None}


def nme_of(decoder: str) -> Reader:
    """Reads the NME (a fraction) of a decoder."""
    return lambda result: result.nme.get(decoder)


def sizes_in(results: Sequence[Result]) -> list[int]:
    """Sizes of the heatmaps in the results, the largest first."""
    return sorted({result.run.size for result in results}, reverse=True)
