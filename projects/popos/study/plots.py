"""Plots of the study."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from .plan import ABLATION_SIZE
from .recipes import ABLATIONS, LABELS
from .results import Result
from .selection import (
    Summary,
    ablation_errors,
    decoding_errors,
    errors,
    nme_of,
    sizes_in,
    summarise,
)

COLOURS = ('#4477aa', '#ee6677', '#228833', '#aa3377', '#ccbb44')
"""Told apart with any colour vision."""

PANEL_SIZE = (4.2, 3.2)
"""Inches."""

PAPER = dict(range=1, rate=10, anchors=10, weight=6)
"""Choices of the paper for what its figure 5 varies; the figure itself gives no numbers."""


@dataclass(frozen=True)
class Panel:
    """One diagram: curves of NME over a setting.

    Args:
        title: Its title.
        setting: What the horizontal axis shows, with unit.
        curves: By label, then by value of the setting.
        marked: A value of the setting to be marked.
        is_size: Whether the setting is a heatmap size, shown on a logarithmic axis.
    """

    title: str
    setting: str
    curves: Mapping[str, Mapping[float, Summary]]
    marked: Optional[float] = None
    is_size: bool = False


def draw_panels(panels: Sequence[Panel], path: Path, columns: int = 2) -> None:
    """Write a picture of several diagrams; one legend serves all where their curves are alike."""
    rows = -(-len(panels) // columns)
    figure = Figure((PANEL_SIZE[0] * columns, PANEL_SIZE[1] * rows), layout='constrained')
    FigureCanvasAgg(figure)
    every = [figure.add_subplot(rows, columns, index + 1) for index in range(len(panels))]
    for axes, panel in zip(every, panels):
        draw_panel(axes, panel)
    if len({tuple(panel.curves) for panel in panels}) == 1:
        figure.legend(
            *every[0].get_legend_handles_labels(), loc='outside right upper', frameon=False
        )
    else:
        for axes in every:
            axes.legend(frameon=False)
    figure.savefig(path, dpi=120)


def draw_panel(axes: Axes, panel: Panel) -> None:
    """Draw one diagram; bars are the spread over seeds."""
    for (label, curve), colour in zip(panel.curves.items(), COLOURS):
        values = list(curve)
        means = [100 * summary.mean for summary in curve.values()]
        spreads = [100 * (summary.spread or 0) for summary in curve.values()]
        axes.errorbar(values, means, spreads, marker='o', capsize=3, color=colour, label=label)
    if panel.marked is not None:
        axes.axvline(panel.marked, color='0.6', linestyle=':', label='paper')
    if panel.is_size:
        ticks = sorted({value for curve in panel.curves.values() for value in curve})
        axes.set_xscale('log', base=2)
        axes.set_xticks(ticks, [f'{tick}x{tick}' for tick in ticks])
    axes.set_title(panel.title)
    axes.set_xlabel(panel.setting)
    axes.set_ylabel('NME in %')
    axes.spines[['top', 'right']].set_visible(False)


def size_panels(results: Sequence[Result], decoders: Sequence[str]) -> list[Panel]:
    """Error over heatmap size, one diagram for each decoder and one curve for each recipe."""
    panels = []
    for decoder in decoders:
        curves = {
            label: summaries(
                {size: errors(results, recipe, size, nme_of(decoder)) for size in sizes_in(results)}
            )
            for recipe, label in LABELS.items()
        }
        panels.append(Panel(decoder, 'heatmap', measured(curves), is_size=True))
    return [panel for panel in panels if panel.curves]


def figure_5_panels(results: Sequence[Result]) -> list[Panel]:
    """The four diagrams of the paper's figure 5, those that have been measured."""

    def decoding(family: str) -> dict[str, dict[Any, Summary]]:
        by_recipe = decoding_errors(results, family, ABLATION_SIZE)
        return measured({label: summaries(curve) for label, curve in by_recipe.items()})

    def training(part: str) -> dict[str, dict[Any, Summary]]:
        found = ablation_errors(results, part, ABLATION_SIZE, 'POPoS')
        mse = found.pop(None)
        if part == 'weight' and any(found.values()):
            found = {0: mse, **found}  # plain MSE is the anchor loss with weight 0
        return measured({LABELS[ABLATIONS[part].recipe]: summaries(found)})

    cells = {f'{label}, K in the loss': curve for label, curve in training('anchors').items()}
    panels = [
        Panel('(a) sampling range', 'heatmap px', decoding('range'), PAPER['range']),
        Panel('(b) sampling rate', 'candidates per heatmap px', decoding('rate'), PAPER['rate']),
        Panel('(c) anchors', 'cells', {**decoding('anchors'), **cells}, PAPER['anchors']),
        Panel('(d) weight of the MA loss', 'w', training('weight'), PAPER['weight']),
    ]
    return [panel for panel in panels if panel.curves]


def summaries(curve: Mapping[Any, Mapping[int, float]]) -> dict[Any, Summary]:
    """Mean and spread at every value that was measured."""
    found = {value: summarise(list(by_seed.values())) for value, by_seed in curve.items()}
    return {value: summary for value, summary in found.items() if summary is not None}


def measured(curves: Mapping[str, dict[Any, Summary]]) -> dict[str, dict[Any, Summary]]:
    """The curves that have a point."""
    return {label: curve for label, curve in curves.items() if curve}
