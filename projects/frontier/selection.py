"""Errors of the runs that a table or a plot is about."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Optional

from projects.study.records import RUNS
from projects.study.results import Result, read_results
from projects.study.summary import BySeed, Summary, by_seed, nme_of, summarise

from .networks import NETWORKS
from .plan import run_of

DECODER = 'GaussianMLE'


class Setting(NamedTuple):
    """What runs with different seeds have in common."""

    network: str
    options: tuple[str, ...]
    epochs: int


def results_below(folder: Path) -> list[Result]:
    """Results of all lengths: those of every folder with runs below this one, each run once."""
    found = {}
    for path in sorted(folder.glob(f'*/{RUNS}')):
        results, _ = read_results(path.parent, run_of)
        found.update({result.run: result for result in results})
    return list(found.values())


def setting_of(result: Result) -> Setting:
    """The setting of a result."""
    return Setting(result.run.network, result.run.options, result.run.epochs)


def nme_by_seed(results: Sequence[Result], setting: Setting) -> BySeed:
    """NME of a setting (a fraction) by seed."""
    chosen = [result for result in results if setting_of(result) == setting]
    return by_seed(chosen, nme_of(DECODER))


def nme_summary(results: Sequence[Result], setting: Setting) -> Optional[Summary]:
    """NME of a setting over its seeds, None if there is no run."""
    return summarise(list(nme_by_seed(results, setting).values()))


def change(results: Sequence[Result], setting: Setting, plain: Setting) -> Optional[float]:
    """By which part of the plain NME a setting differs, over the seeds that both have."""
    found, base = nme_by_seed(results, setting), nme_by_seed(results, plain)
    shared = found.keys() & base.keys()
    if not shared:
        return None
    return sum(found[seed] for seed in shared) / sum(base[seed] for seed in shared) - 1


def lengths_in(results: Sequence[Result]) -> list[int]:
    """Epochs of the results, the shortest first."""
    return sorted({result.run.epochs for result in results})


def best_setting(
    results: Sequence[Result], budget: float, epochs: Optional[int] = None
) -> Optional[tuple[Setting, Summary]]:
    """The setting with the lowest mean among the networks of a budget.

    Args:
        results: The results.
        budget: In GFLOPs.
        epochs: Only trainings of this length; of all if None.

    Returns:
        The setting and its NME, None if there is no run.
    """
    chosen = {
        setting_of(result)
        for result in results
        if NETWORKS[result.run.network].budget == budget and epochs in (None, result.run.epochs)
    }
    found = {setting: nme_summary(results, setting) for setting in sorted(chosen)}
    return min(found.items(), key=lambda item: item[1].mean, default=None)
