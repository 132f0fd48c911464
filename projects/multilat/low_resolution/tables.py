"""Markdown tables and diagrams of the study. NME by inter-ocular distance in %."""

from collections.abc import Sequence
from statistics import mean
from typing import Optional

from mmpose_multilat.multilateration import ALIGNMENTS
from projects.study.panels import Panel
from projects.study.results import Result
from projects.study.summary import Summary, sizes_in
from projects.study.tables import cell, format_value, grid, markdown

from .exactness import smallest_exact_sigma
from .selection import DECODERS, nme_summary, settings_in


def size_table(results: Sequence[Result], size: int) -> str:
    """Rows are alignment and sigma, columns decoders; the best of every column is bold."""
    settings = settings_in(results)
    columns = [
        column([nme_summary(results, size, setting, decoder) for setting in settings])
        for decoder in DECODERS
    ]
    labels = [f'{alignment}, sigma {format_value(sigma)}' for alignment, sigma in settings]
    rows = list(zip(labels, *columns))
    rows += [exactness_row(size, alignment) for alignment in ALIGNMENTS]
    return markdown([f'{size}x{size}', *DECODERS], rows)


def column(summaries: Sequence[Optional[Summary]]) -> list[str]:
    """Cells of one decoder, the lowest mean in bold."""
    means = [summary.mean for summary in summaries if summary is not None]
    return [
        f'**{cell(summary)}**' if summary and summary.mean == min(means) else cell(summary)
        for summary in summaries
    ]


def exactness_row(size: int, alignment: str) -> list[str]:
    """The smallest sigma, in heatmap px, at which decoding ideal heatmaps is exact."""
    sigmas = [smallest_exact_sigma(decoder, size, alignment) for decoder in DECODERS]
    return [
        f'smallest exact sigma, {alignment}',
        *('none' if sigma is None else f'{sigma:.2f}' for sigma in sigmas),
    ]


def sigma_panels(results: Sequence[Result]) -> list[Panel]:
    """Error over sigma, a row of diagrams for each decoder, in it one for each size.

    Every diagram has both curves, empty ones too: so an alignment has the same colour in all.
    """
    return [
        Panel(
            f'{decoder}, {size}x{size}',
            'sigma in heatmap px',
            {each: curve(results, size, each, decoder) for each in ALIGNMENTS},
        )
        for decoder in DECODERS
        for size in sizes_in(results)
    ]


def curve(
    results: Sequence[Result], size: int, alignment: str, decoder: str
) -> dict[float, Summary]:
    """NME by sigma, where it was measured."""
    found = {
        setting[1]: nme_summary(results, size, setting, decoder)
        for setting in settings_in(results)
        if setting[0] == alignment
    }
    return {sigma: summary for sigma, summary in found.items() if summary is not None}


def time_table(results: Sequence[Result]) -> str:
    """Mean minutes of a training."""
    sizes = sizes_in(results)
    minutes = [
        [result.record['train_seconds'] / 60 for result in results if result.run.size == size]
        for size in sizes
    ]
    row = [f'{mean(each):.1f}' for each in minutes]
    return markdown(['heatmap', *grid(sizes)], [['minutes', *row]])
