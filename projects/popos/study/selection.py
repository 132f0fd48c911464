"""Errors of the runs that a table or a plot is about."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from projects.study.results import Result
from projects.study.summary import BySeed, Reader, by_seed, nme_of

from .plan import DECODING_RECIPES
from .recipes import ABLATIONS, LABELS, LossSettings

DEFAULTS = LossSettings()

DECODERS = ('KeyPosS', 'POPoS', 'one-hot')
"""The decoders that the study is about; others are reported after them."""


def errors(
    results: Sequence[Result],
    recipe: str,
    size: int,
    read: Reader,
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
    return by_seed(chosen, read)


def decoders_in(results: Sequence[Result]) -> list[str]:
    """Labels of all decoders in the results, those of `DECODERS` first."""
    return list(dict.fromkeys([*DECODERS, *(label for each in results for label in each.nme)]))


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

    def curve(result: Result) -> dict[float, float]:
        rows = result.record.get('decoding', [])
        return {row['value']: row['nme'] for row in rows if row['family'] == family}

    def reader(value: float) -> Reader:
        return lambda result: curve(result).get(value)

    values = sorted({value for result in results for value in curve(result)})
    return {
        LABELS[recipe]: {value: errors(results, recipe, size, reader(value)) for value in values}
        for recipe in DECODING_RECIPES
    }
