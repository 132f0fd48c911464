"""Whether landmarks are as uncertain as is said of them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Union

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from mmpose_multilat.evaluation.calibration import Reliability

from .curves import COLOURS, MARKERS

STEPS = (1, 1.5, 2, 3, 4, 5, 7)
"""Labelled steps in each decade."""

MARGIN = 1.15
"""The axes reach so far beyond the outermost points."""


def plot_reliability(
    curves: Mapping[str, Reliability],
    path: Union[str, Path],
    title: str = '',
    unit: str = 'input px',
) -> None:
    """Write actual over predicted error; on the diagonal they are equal.

    Args:
        curves: Label -> curve with errors above 0.
        path: File to write; its ending chooses the format.
        title: Title of the figure.
        unit: What the errors are measured in, for the axes.
    """
    figure = Figure(figsize=(5.6, 5), layout='constrained')
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for place, (label, curve) in enumerate(curves.items()):
        style = dict(color=COLOURS[place % len(COLOURS)], marker=MARKERS[place % len(MARKERS)])
        axes.plot(curve.predicted, curve.actual, label=label, linewidth=1.6, **style)
    points = [each for curve in curves.values() for each in (*curve.predicted, *curve.actual)]
    ends = min(points) / MARGIN, max(points) * MARGIN
    axes.plot(ends, ends, color='#777777', linestyle='--', linewidth=1, label='predicted = actual')
    for axis, name in ((axes.xaxis, 'x'), (axes.yaxis, 'y')):
        getattr(axes, f'set_{name}scale')('log')
        getattr(axes, f'set_{name}lim')(*ends)
        axis.set_major_locator(LogLocator(subs=STEPS))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f'{value:g}'))
        axis.set_minor_formatter(NullFormatter())
    axes.set_aspect('equal')
    axes.set_xlabel(f'predicted standard deviation of a coordinate in {unit}')
    axes.set_ylabel(f'root mean square error of a coordinate in {unit}')
    axes.grid(color='#dddddd', linewidth=0.6)
    axes.spines[['top', 'right']].set_visible(False)
    axes.legend(frameon=False)
    figure.suptitle(title, fontsize='medium')
    figure.savefig(path, dpi=150)
