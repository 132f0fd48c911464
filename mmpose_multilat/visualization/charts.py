"""Plots of measured numbers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Union

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


def plot_nme_by_decoder(nme: Mapping[str, float], path: Union[str, Path], title: str = '') -> None:
    """Write a bar chart of the error of every decoder.

    Args:
        nme: Normalised mean error by decoder, as a fraction.
        path: File to write; its ending chooses the format.
        title: Title of the chart.
    """
    figure = Figure(figsize=(6, 3), layout='constrained')
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    bars = axes.barh(list(nme), [100 * value for value in nme.values()], color='#4477aa')
    axes.bar_label(bars, fmt='%.2f', padding=3)
    axes.margins(x=0.12)
    axes.invert_yaxis()
    axes.set_xlabel('NME in % (lower is better)')
    axes.set_title(title)
    axes.spines[['top', 'right']].set_visible(False)
    figure.savefig(path, dpi=150)
