"""Plots of measured numbers."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import fill
from typing import Union

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

HEIGHT_OF_AXIS, HEIGHT_OF_BAR = 1.0, 0.35
"""Inches."""

LINE_OF_TITLE = 70
"""Characters that fit above the chart."""


def plot_nme_by_decoder(nme: Mapping[str, float], path: Union[str, Path], title: str = '') -> None:
    """Write a bar chart of the error of every decoder.

    Args:
        nme: Normalised mean error by decoder, as a fraction.
        path: File to write; its ending chooses the format.
        title: Title of the chart.
    """
    height = HEIGHT_OF_AXIS + HEIGHT_OF_BAR * len(nme)
    figure = Figure(figsize=(6, height), layout='constrained')
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    bars = axes.barh(list(nme), [100 * value for value in nme.values()], color='#4477aa')
    axes.bar_label(bars, fmt='%.2f', padding=3)
    axes.margins(x=0.12)
    axes.invert_yaxis()
    axes.set_xlabel('NME in % (lower is better)')
    figure.suptitle(fill(title, LINE_OF_TITLE), fontsize='medium')
    axes.spines[['top', 'right']].set_visible(False)
    figure.savefig(path, dpi=150)
