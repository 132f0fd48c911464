"""NME over operations: our networks on ytf68, and apart from them what others publish on WFLW."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from projects.study.panels import COLOURS
from projects.study.results import Result
from projects.study.summary import Summary

from .networks import BUDGETS
from .references import FAST_HRNET_EPOCHS, PUBLISHED, complexity_by_name, fast_hrnets
from .selection import lengths_in, nme_summary, setting_of
from .tables import TARGET_EPOCHS, TARGETS

FIGURE_SIZE = (11.0, 4.5)
"""Inches."""

PUBLISHED_TICKS = (0.03, 0.1, 0.3, 1.0, 3.0)
"""GFLOPs."""

Points = list[tuple[float, Summary]]
"""GFLOPs and NME."""


def draw(results: Sequence[Result], path: Path) -> None:
    """Write the picture.

    Args:
        results: Results of all lengths.
        path: The file.
    """
    figure = Figure(FIGURE_SIZE, layout='constrained')
    FigureCanvasAgg(figure)
    ours, others = figure.subplots(1, 2)
    draw_ours(ours, results)
    draw_published(others)
    _finish(ours, BUDGETS)
    _finish(others, PUBLISHED_TICKS)
    figure.savefig(path, dpi=120)


def draw_ours(axes: Axes, results: Sequence[Result]) -> None:
    """Points of all settings by length and whether it has options; FastHRNet and the targets."""
    groups = {f'FastHRNet, {FAST_HRNET_EPOCHS} epochs': _reference_points()}
    for epochs in lengths_in(results):
        for with_options, words in ((False, 'plain'), (True, 'with options')):
            points = _points(results, epochs, with_options)
            groups |= {f'MobileNetV2, {epochs} epochs, {words}': points} if points else {}
    for (label, points), colour in zip(groups.items(), COLOURS * len(groups)):
        means = [100 * each.mean for _, each in points]
        spreads = [100 * (each.spread or 0) for _, each in points]
        costs = [cost for cost, _ in points]
        axes.errorbar(costs, means, spreads, fmt='o', capsize=3, color=colour, label=label)
    targets = [TARGETS[budget] for budget in BUDGETS]
    axes.plot(BUDGETS, targets, 'k_', markersize=12, label=f'target, {TARGET_EPOCHS} epochs')
    axes.set_title('ytf68, 68 landmarks, labels of a teacher: ours')


def draw_published(axes: Axes) -> None:
    """Points of others, a marker for each method."""
    methods = dict.fromkeys(each.label.partition(',')[0] for each in PUBLISHED)
    for method, colour in zip(methods, COLOURS):
        chosen = [each for each in PUBLISHED if each.label.startswith(f'{method},')]
        costs, errors = [each.gflops for each in chosen], [each.nme for each in chosen]
        axes.plot(costs, errors, '^', color=colour, label=method)
    axes.set_title('WFLW, 98 landmarks: published by others')


def _points(results: Sequence[Result], epochs: int, with_options: bool) -> Points:
    chosen = [
        setting
        for setting in sorted({setting_of(result) for result in results})
        if setting.epochs == epochs and bool(setting.options) is with_options
    ]
    return [
        (complexity_by_name(setting.network).gflops, nme_summary(results, setting))
        for setting in chosen
    ]


def _reference_points() -> Points:
    return [(each.complexity.gflops, each.nme) for each in fast_hrnets() if each.nme is not None]


def _finish(axes: Axes, ticks: Sequence[float]) -> None:
    axes.set_xscale('log')
    axes.set_xticks(ticks, [f'{tick:g}' for tick in ticks])
    axes.xaxis.set_minor_formatter(NullFormatter())  # they would stand over each other
    axes.set_xlabel('GFLOPs of one pass over one face')
    axes.set_ylabel('NME in %')
    axes.spines[['top', 'right']].set_visible(False)
    axes.legend(frameon=False, fontsize='small')
