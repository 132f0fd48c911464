"""Curves: cumulative errors, error against heatmap size, error against operations."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Optional, Union

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter, NullLocator

from mmpose_multilat.evaluation import area_under_curve, cumulative_errors

COLOURS = ('#4477aa', '#ee6677', '#228833', '#ccbb44', '#66ccee', '#aa3377', '#777777')
"""Paul Tol's bright scheme, which people with colour blindness can tell apart."""

MARKERS = 'osD^vPX'
LINES = ('-', '--', ':', '-.')

MOST_TICKS = 8
"""More labels do not fit below an axis."""

NARROW_RANGE = 15
"""Over a smaller range all steps of a logarithmic axis are labelled, not the tens only."""

WIDTH_OF_LEGEND = 2.5
"""Inches."""

Line = Mapping[float, float]
"""Horizontal -> vertical position of the points of a line."""


def plot_cumulative_errors(
    errors: Mapping[str, np.ndarray],
    limit: float,
    path: Union[str, Path],
    title: str = '',
    unit: str = 'NME',
) -> None:
    """Write the curve of cumulative errors (CED) of every decoder.

    Args:
        errors: Label -> (N,) NME of faces as fractions, at least one of them defined; NaN is left
            out.
        limit: Right end of the image, a fraction.
        path: File to write; its ending chooses the format.
        title: Title of the figure.
        unit: What the errors are, for the axis.

    Raises:
        ValueError: If a decoder has no face with a defined error, or the limit is not above 0.
    """
    figure, (axes,) = _figure(title, 1)
    figure.set_figwidth(figure.get_figwidth() + WIDTH_OF_LEGEND)
    for place, (label, values) in enumerate(errors.items()):
        area = area_under_curve(values, limit)
        ordered, shares = cumulative_errors(values)
        # From no face at error 0 on; after the last face the curve stays where it is.
        steps = np.concatenate(([0.0], ordered, [max(limit, ordered[-1])]))
        heights = np.concatenate(([0.0], shares, [1.0]))
        name = f'{label} ({100 * area:.1f})'
        axes.step(100 * steps, 100 * heights, where='post', label=name, **_line_style(place))
    axes.set_xlim(0, 100 * limit)
    axes.set_ylim(0, 100)
    axes.set_xlabel(f'{unit} in %')
    axes.set_ylabel('faces with at most this error, in %')
    # A curve without a face to the left of the limit lies on the axis; its area tells it.
    figure.legend(frameon=False, loc='outside right center', title=f'AUC@{limit:.2f} in %')
    figure.savefig(path, dpi=150)


def plot_error_by_heatmap_size(
    panels: Mapping[str, Mapping[str, Line]],
    path: Union[str, Path],
    title: str = '',
    unit: str = 'NME',
) -> None:
    """Write lines of the error over the heatmap's side, both axes logarithmic.

    Args:
        panels: Title of a panel -> label of a line -> side of the heatmap in cells -> NME as a
            fraction above 0.
        path: File to write; its ending chooses the format.
        title: Title of the figure.
        unit: What the errors are, for the axis.
    """
    figure, all_axes = _draw_panels(panels, title, unit)
    for axes, lines in zip(all_axes, panels.values()):
        _set_ticks(axes, {side: f'{side:g}' for line in lines.values() for side in line})
        axes.set_xlabel('side of the heatmap in cells')
    figure.savefig(path, dpi=150)


def plot_error_by_operations(
    panels: Mapping[str, Mapping[str, Line]],
    path: Union[str, Path],
    title: str = '',
    unit: str = 'NME',
    names: Optional[Mapping[float, str]] = None,
) -> None:
    """Write lines of the error over the operations of the network, both axes logarithmic.

    Args:
        panels: Title of a panel -> label of a line -> operations in 10^9 for one face -> NME as a
            fraction above 0.
        path: File to write; its ending chooses the format.
        title: Title of the figure.
        unit: What the errors are, for the axis.
        names: What stands below a number of operations, for example the size of the heatmaps.
    """
    figure, all_axes = _draw_panels(panels, title, unit)
    names = names or {}
    for axes, lines in zip(all_axes, panels.values()):
        positions = {position for line in lines.values() for position in line}
        _set_ticks(axes, {each: f'{each:.2g}\n{names.get(each, "")}' for each in positions})
        axes.set_xlabel('GFLOPs for a face')
    figure.savefig(path, dpi=150)


def _draw_panels(
    panels: Mapping[str, Mapping[str, Line]], title: str, unit: str
) -> tuple[Figure, Sequence[Axes]]:
    """A figure with lines on logarithmic axes, the same line in the same colour everywhere."""
    figure, all_axes = _figure(title, len(panels))
    labels = list(dict.fromkeys(label for lines in panels.values() for label in lines))
    for axes, (name, lines) in zip(all_axes, panels.items()):
        for label, line in lines.items():
            _draw_line(axes, label, line, labels.index(label))
        axes.set_title(name, fontsize='medium')
        axes.set_xscale('log')
    _set_error_axis(all_axes[0], unit)
    drawn = {
        label: handle
        for axes in all_axes
        for handle, label in zip(*axes.get_legend_handles_labels())
    }
    handles = [drawn[label] for label in labels]
    figure.legend(handles, labels, frameon=False, loc='outside right upper')
    return figure, all_axes


def _set_ticks(axes: Axes, ticks: Mapping[float, str]) -> None:
    """Ticks where the points are, or where Matplotlib puts them if the points are too many."""
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f'{value:g}'))
    if len(ticks) <= MOST_TICKS:
        axes.set_xticks(list(ticks), list(ticks.values()))
        axes.xaxis.set_minor_locator(NullLocator())


def _figure(title: str, panels: int) -> tuple[Figure, Sequence[Axes]]:
    """A figure with panels side by side that share the vertical axis."""
    figure = Figure(figsize=(1.4 + 4.2 * panels, 4), layout='constrained')
    FigureCanvasAgg(figure)
    all_axes = figure.subplots(1, panels, sharey=True, squeeze=False)[0]
    for axes in all_axes:
        axes.spines[['top', 'right']].set_visible(False)
        axes.grid(color='#dddddd', linewidth=0.6)
        axes.set_axisbelow(True)
    figure.suptitle(title, fontsize='medium')
    return figure, all_axes


def _line_style(place: int) -> dict[str, object]:
    """Colour and dashes of a line; colours repeat with other dashes."""
    return dict(
        color=COLOURS[place % len(COLOURS)],
        linestyle=LINES[place // len(COLOURS) % len(LINES)],
        linewidth=1.6,
    )


def _draw_line(axes: Axes, label: str, line: Line, place: int) -> None:
    positions = sorted(line)
    heights = [100 * line[position] for position in positions]
    marker = MARKERS[place % len(MARKERS)]
    axes.plot(positions, heights, marker=marker, markersize=5, label=label, **_line_style(place))


def _set_error_axis(axes: Axes, unit: str) -> None:
    """Logarithmic percent on the vertical axis, which all panels share."""
    axes.set_yscale('log')
    plain = FuncFormatter(lambda value, _: f'{value:g}')
    axes.yaxis.set_major_formatter(plain)
    low, high = axes.get_ylim()
    axes.yaxis.set_minor_formatter(plain if high / low < NARROW_RANGE else NullFormatter())
    axes.set_ylabel(f'{unit} in % (lower is better)')
