"""Which runs the study consists of, and in which order."""

import re
from collections.abc import Sequence
from typing import Any, Optional

from .networks import MAIN, NETWORKS
from .recipes import OPTIONS, PLAIN, sorted_options
from .run import FrontierRun

NAME = re.compile(r'(?P<setting>.+)_seed(?P<seed>\d+)')

FACTOR_BUDGETS = (0.03, 0.07)
"""Whose main networks are trained with every option."""

FACTOR_SEEDS = 2
"""How many of the seeds."""

PARTS = ('budgets', 'alternatives', 'factors', 'average', 'seeds')
DEFAULT_PARTS = ('budgets', 'alternatives', 'factors', 'seeds')


def make_plan(
    epochs: int, seeds: Sequence[int] = (0, 1, 2), parts: Sequence[str] = DEFAULT_PARTS
) -> list[FrontierRun]:
    """Runs in the order in which they are trained, each once; any beginning is a result.

    Args:
        epochs: Length of every training.
        seeds: Seeds; networks are compared with the first one, factors with the first two.
        parts: Of `PARTS`, in whose order they come. `budgets`: a network for each budget;
            `alternatives`: other networks for them; `factors`: every option with the two smallest
            of the first part; `average`: all of the first part with averaged weights; `seeds`: the
            first part with further seeds.
    """
    first, factor_seeds = seeds[:1], seeds[:FACTOR_SEEDS]
    small = [name for name, network in MAIN.items() if network.budget in FACTOR_BUDGETS]
    others = [name for name in NETWORKS if name not in MAIN]
    every = {
        'budgets': [(name, (), seed) for seed in first for name in MAIN],
        'alternatives': [(name, (), seed) for seed in first for name in others],
        'factors': [
            (name, options, seed)
            for seed in factor_seeds
            for options in ((), *((option,) for option in OPTIONS))
            for name in small
        ],
        'average': [(name, ('ema',), seed) for seed in seeds for name in MAIN],
        'seeds': [(name, (), seed) for seed in seeds for name in MAIN],
    }
    runs = [FrontierRun(*each, epochs) for part in PARTS if part in parts for each in every[part]]
    return list(dict.fromkeys(runs))


def run_of(record: dict[str, Any]) -> FrontierRun:
    """The run that a record is about."""
    options = () if record['options'] == PLAIN else tuple(record['options'].split('_'))
    return FrontierRun(record['network'], options, record['seed'], record['epochs'])


def run_named(name: str, epochs: int) -> Optional[FrontierRun]:
    """The run of a name, None if no run is called so; several options stand in their order."""
    found = NAME.fullmatch(name)
    if found is None:
        return None
    words = found['setting'].split('_')
    network = '_'.join(word for word in words if word not in OPTIONS)
    try:
        options = sorted_options([word for word in words if word in OPTIONS])
        run = FrontierRun(network, options, int(found['seed']), epochs)
    except ValueError:
        return None
    return run if run.name == name else None
