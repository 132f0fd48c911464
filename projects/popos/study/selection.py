"""Errors of the runs that a table or a plot is about."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import mean, stdev
from typing import Any, Callable, Optional

from .plan import DECODING_RECIPES
from .recipes import ABLATIONS, LABELS, LossSettings
from .results import Result

BySeed = dict[int, float]
"""A number of each seed."""

DEFAULTS = LossSettings()

DECODERS = ('KeyPosS', 'POPoS', 'one-hot')
"""The decoders that the study is about; others are reported after them."""


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


def errors(
    results: Sequence[Result],
    recipe: str,
    size: int,
    read: Callable[[Result], Optional[float]],
    settings: LossSettings = DEFAULTS,
) -> BySeed:
    """A number of every run of a recipe at a size.

    Args:
        results: All results.
        recipe: A key of `recipes.LABELS`.
        size: Cells along a side of the heatmap.
        read: Takes the number from a result, None if it has none.
        settings: Settings of the losses.
    """
    chosen = [
        result
        for result in results
        if (result.run.recipe, result.run.size, result.run.settings) == (recipe, size, settings)
    ]
    found = {result.run.seed: read(result) for result in chosen}
    return {seed: value for seed, value in found.items() if value is not None}


def nme_of(decoder: str) -> Callable[[Result], Optional[float]]:
    """Reads the NME (a fraction) of a decoder."""
    return lambda result: result.nme.get(decoder)


def decoders_in(results: Sequence[Result]) -> list[str]:
    """Labels of all decoders in the results, those of `DECODERS` first."""
    return list(dict.fromkeys([*DECODERS, *(label for each in results for label in each.nme)]))


def sizes_in(results: Sequence[Result]) -> list[int]:
    """Sizes of the heatmaps in the results, the largest first."""
    return sorted({result.run.size for result in results}, reverse=True)


def relative_change(new: BySeed, old: BySeed) -> list[float]:
    """Change of every seed that has both numbers, as a fraction of the old one."""
    return [new[seed] / old[seed] - 1 for seed in sorted(new.keys() & old.keys())]


def ablation_errors(
    results: Sequence[Result], part: str, size: int, decoder: str
) -> dict[Any, BySeed]:
    """NME by the value of an ablated setting of the losses.

    Values are comparable: only seeds count that every value has which was measured at all. The
    key None stands for plain MSE.
    """
    ablation = ABLATIONS[part]
    found = {None: errors(results, 'mse', size, nme_of(decoder))}
    for value in ablation.values:
        settings = replace(DEFAULTS, **{ablation.setting: value})
        found[value] = errors(results, ablation.recipe, size, nme_of(decoder), settings)
    seeds = [each.keys() for value, each in found.items() if each and value is not None]
    common = set.intersection(*map(set, seeds)) if seeds else set()
    return {
        value: {seed: each[seed] for seed in sorted(common & each.keys())}
        for value, each in found.items()
    }


def decoding_errors(results: Sequence[Result], family: str, size: int) -> dict[str, dict]:
    """NME of one ablation of the decoder.

    Returns:
        By the label of the recipe, then by the setting's value: NME of every seed.
    """

    def reader(value: float) -> Callable[[Result], Optional[float]]:
        return lambda result: dict(result.record['decoding'].get(family, [])).get(value)

    tables = [dict(result.record['decoding'].get(family, [])) for result in results]
    values = sorted({value for table in tables for value in table})
    return {
        LABELS[recipe]: {value: errors(results, recipe, size, reader(value)) for value in values}
        for recipe in DECODING_RECIPES
    }
