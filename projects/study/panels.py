"""Diagrams of curves with the spread over seeds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any, Optional

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from .summary import BySeed, Summary, summarise

COLOURS = ('#4477aa', '#ee6677', '#228833', '#aa3377', '#ccbb44', '#66ccee', '#777777')
"""Told apart with any colour vision."""

PANEL_SIZE = (4.2, 3.2)
"""Inches."""

WIDTH_OF_LEGEND = 3.0
"""Inches, for the one beside all diagrams."""

BELOW_AXIS = (0.5, -0.2)
"""Where a diagram's own legend hangs, in sizes of the diagram: it must not hide bars."""


@dataclass(frozen=True)
class Panel:
    """One diagram: curves of NME over a setting.

    Args:
        title: Its title.
        setting: What the horizontal axis shows, with unit.
        curves: By label, then by value of the setting.
        marked: A value of the setting to be marked.
        is_size: Whether the setting is a heatmap size, shown on a logarithmic axis.
        is_logarithmic: Whether the axis of NME is logarithmic.
    """

    title: str
    setting: str
    curves: Mapping[str, Mapping[float, Summary]]
    marked: Optional[float] = None
    is_size: bool = False
    is_logarithmic: bool = False


def draw_panels(panels: Sequence[Panel], path: Path, columns: int = 2) -> None:
    """Write an image of several diagrams, see `figure_of`."""
    figure_of(panels, columns).savefig(path, dpi=120)


def figure_of(panels: Sequence[Panel], columns: int = 2) -> Figure:
    """Several diagrams; one legend serves all where their curves are alike.

    A curve has the same colour in all diagrams.

    Args:
        panels: The diagrams.
        columns: How many stand in a row.
    """
    rows = -(-len(panels) // columns)
    figure = Figure((PANEL_SIZE[0] * columns, PANEL_SIZE[1] * rows), layout='constrained')
    FigureCanvasAgg(figure)
    every = [figure.add_subplot(rows, columns, index + 1) for index in range(len(panels))]
    labels = dict.fromkeys(label for panel in panels for label in panel.curves)
    colours = dict(zip(labels, cycle(COLOURS)))
    for axes, panel in zip(every, panels):
        draw_panel(axes, panel, colours)
    if len({tuple(panel.curves) for panel in panels}) == 1:
        figure.set_figwidth(figure.get_figwidth() + WIDTH_OF_LEGEND)
        figure.legend(
            *every[0].get_legend_handles_labels(), loc='outside right upper', frameon=False
        )
    else:
        for axes in every:
            axes.legend(loc='upper center', bbox_to_anchor=BELOW_AXIS, ncols=2, frameon=False)
    return figure


def draw_panel(axes: Axes, panel: Panel, colours: Mapping[str, str]) -> None:
    """Draw one diagram; bars are the spread over seeds.

    Args:
        axes: Where to draw.
        panel: The diagram.
        colours: By label of a curve.
    """
    for label, curve in panel.curves.items():
        values = list(curve)
        means = [100 * summary.mean for summary in curve.values()]
        spreads = [100 * (summary.spread or 0) for summary in curve.values()]
        axes.errorbar(
            values, means, spreads, marker='o', capsize=3, color=colours[label], label=label
        )
    if panel.marked is not None:
        axes.axvline(panel.marked, color='0.6', linestyle=':', label='paper')
    if panel.is_size:
        ticks = sorted({value for curve in panel.curves.values() for value in curve})
        axes.set_xscale('log', base=2)
        axes.set_xticks(ticks, [f'{tick}x{tick}' for tick in ticks])
    if panel.is_logarithmic:
        axes.set_yscale('log')
        plain = FuncFormatter(lambda value, _: f'{value:g}')
        axes.yaxis.set_major_formatter(plain)
        axes.yaxis.set_minor_formatter(plain)
    axes.set_title(panel.title)
    axes.set_xlabel(panel.setting)
    axes.set_ylabel('NME in %')
    axes.spines[['top', 'right']].set_visible(False)


def summaries(curve: Mapping[Any, BySeed]) -> dict[Any, Summary]:
    """Mean and spread at every value that was measured."""
    found = {value: summarise(list(by_seed.values())) for value, by_seed in curve.items()}
    return {value: summary for value, summary in found.items() if summary is not None}


def measured(curves: Mapping[str, dict[Any, Summary]]) -> dict[str, dict[Any, Summary]]:
    """The curves that have a point."""
    return {label: curve for label, curve in curves.items() if curve}
