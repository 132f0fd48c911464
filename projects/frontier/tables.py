"""Markdown tables of the study. NME by inter-ocular distance in %."""

from collections.abc import Sequence
from typing import Optional

from projects.study.results import Result
from projects.study.summary import Summary
from projects.study.tables import NOT_MEASURED, cell, markdown

from .networks import BUDGETS, MAIN, NETWORKS
from .plan import FACTOR_BUDGETS
from .recipes import OPTIONS, PLAIN
from .references import (
    FAST_HRNET_EPOCHS,
    FAST_HRNET_PIXELS,
    PUBLISHED,
    complexity_by_name,
    fast_hrnets,
)
from .run import FrontierRun
from .selection import Setting, best_setting, change, lengths_in, nme_summary

TARGET_EPOCHS = 12

TARGETS = {0.03: 4.2, 0.07: 3.7, 0.15: 3.2, 0.30: 2.9}
"""NME in % by budget, after `TARGET_EPOCHS` epochs."""

LATER_TARGETS = {0.03: 3.6, 0.07: 3.1, 0.15: 2.8, 0.30: 2.5}
"""NME in % by budget with the best recipe, however long."""

Best = Optional[tuple[Setting, Summary]]


def frontier_table(results: Sequence[Result]) -> str:
    """Rows are networks by their operations, FastHRNet among them; columns are lengths."""
    lengths = sorted({TARGET_EPOCHS, *lengths_in(results)})
    rows = [
        (complexity_by_name(name), [name, *_shape(network.pixels, network.size)], name)
        for name, network in NETWORKS.items()
    ]
    measured = {
        name: [cell(nme_summary(results, Setting(name, (), epochs))) for epochs in lengths]
        for name in NETWORKS
    }
    for reference in fast_hrnets():
        name = f'FastHRNet {reference.size}x{reference.size}'
        shape = _shape(FAST_HRNET_PIXELS, reference.size)
        rows.append((reference.complexity, ['FastHRNet', *shape], name))
        measured[name] = [
            cell(reference.nme if epochs == FAST_HRNET_EPOCHS else None) for epochs in lengths
        ]
    rows.sort(key=lambda row: row[0].gflops)
    header = ['network', 'input', 'heatmap', 'parameters (M)', 'GFLOPs']
    return markdown(
        [*header, *(f'{epochs} epochs' for epochs in lengths)],
        [
            [*words, f'{cost.parameters_million:.2f}', f'{cost.gflops:.3f}', *measured[key]]
            for cost, words, key in rows
        ],
    )


def _shape(pixels: int, size: int) -> list[str]:
    return [f'{pixels}x{pixels}', f'{size}x{size}']


def target_table(results: Sequence[Result]) -> str:
    """Rows are budgets; targets stand beside the best setting, whose n says how many seeds."""
    rows = [
        [
            f'{budget:.2f}',
            f'{TARGETS[budget]:.1f}',
            _best_cell(best_setting(results, budget, TARGET_EPOCHS)),
            f'{LATER_TARGETS[budget]:.1f}',
            _best_cell(best_setting(results, budget)),
        ]
        for budget in BUDGETS
    ]
    header = ['GFLOPs', f'target, {TARGET_EPOCHS} epochs', 'best so far', 'target, any recipe']
    return markdown([*header, 'best so far'], rows)


def _best_cell(best: Best) -> str:
    if best is None:
        return NOT_MEASURED
    (network, options, epochs), summary = best
    recipe = ', '.join(options) or PLAIN
    return f'{cell(summary)}: {network}, {recipe}, {epochs} epochs'


def factor_table(results: Sequence[Result], epochs: int) -> str:
    """Rows are options, those that runs combine included; columns are networks.

    In brackets the change against the plain recipe with the same seeds.
    """
    chosen = [result.run for result in results if result.run.epochs == epochs]
    small = [name for name, network in MAIN.items() if network.budget in FACTOR_BUDGETS]
    networks = [name for name in NETWORKS if name in small or _has_options(chosen, name)]
    single = [(), *((option,) for option in OPTIONS)]
    combined = sorted({run.options for run in chosen if len(run.options) > 1})
    rows = [
        [', '.join(options) or PLAIN]
        + [_change_cell(results, Setting(name, options, epochs)) for name in networks]
        for options in [*single, *combined]
    ]
    return markdown(['recipe', *networks], rows)


def _has_options(runs: Sequence[FrontierRun], network: str) -> bool:
    return any(run.network == network and run.options for run in runs)


def _change_cell(results: Sequence[Result], setting: Setting) -> str:
    text = cell(nme_summary(results, setting))
    plain = setting._replace(options=())
    changed = None if setting == plain else change(results, setting, plain)
    return text if changed is None else f'{text} [{100 * changed:+.1f} %]'


def published_table() -> str:
    """Results of others on another dataset."""
    rows = [
        [
            each.label,
            each.heatmap,
            f'{each.parameters_million:.2f}',
            f'{each.gflops:.2f}',
            f'{each.nme:.2f}',
            each.source,
        ]
        for each in PUBLISHED
    ]
    header = ['published', 'heatmap', 'parameters (M)', 'GFLOPs', 'NME on WFLW', 'source']
    return markdown(header, rows)
