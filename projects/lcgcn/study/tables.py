"""Markdown tables of the study. NME by inter-ocular distance in %."""

from collections.abc import Sequence
from statistics import mean

from projects.study.results import Result
from projects.study.summary import Reader, by_seed, nme_of, summarise
from projects.study.tables import cell, grid, markdown

from .methods import HEATMAP, LABELS

ERRORS = {
    'as they are': 'plain',
    'occluded': 'occluded',
    'hidden landmarks': 'hidden',
    'visible landmarks': 'visible',
}
"""Columns of NME: of faces as they are, and of faces with occluders."""


def error_table(results: Sequence[Result], size: int) -> str:
    """Rows are methods, columns errors; the change against the control stands behind each."""
    chosen = [result for result in results if result.run.size == size]
    rows = [
        [LABELS[method], *(error_cell(chosen, method, nme_of(name)) for name in ERRORS.values())]
        for method in LABELS
        if any(result.run.method == method for result in chosen)
    ]
    return markdown([f'{size}x{size}', *ERRORS], rows)


def error_cell(results: Sequence[Result], method: str, read: Reader) -> str:
    """Mean and spread, and the mean change against the control with the same seeds."""
    own, control = (
        by_seed([result for result in results if result.run.method == each], read)
        for each in (method, HEATMAP)
    )
    text, shared = cell(summarise(list(own.values()))), own.keys() & control.keys()
    if method == HEATMAP or not shared:
        return text
    change = mean(own[seed] / control[seed] - 1 for seed in shared)
    return f'{text}, {change:+.1%}'.replace('%', ' %')


def rate_table(results: Sequence[Result], size: int) -> str:
    """Failure rate in % and area under the curve at 10 %, faces as they are and occluded."""

    def summary(method: str, faces: str, name: str) -> str:
        chosen = [result for result in results if result.run.method == method]
        return cell(summarise([each.record[faces][name] for each in chosen]))

    results = [result for result in results if result.run.size == size]
    rows = [
        [
            LABELS[method],
            *(
                summary(method, faces, name)
                for faces in ('plain', 'occluded')
                for name in ('failure_rate', 'area')
            ),
        ]
        for method in LABELS
        if any(result.run.method == method for result in results)
    ]
    return markdown([f'{size}x{size}', 'FR', 'AUC', 'FR, occluded', 'AUC, occluded'], rows)


def time_table(results: Sequence[Result], sizes: Sequence[int]) -> str:
    """Mean minutes of a training."""

    def minutes(method: str, size: int) -> str:
        found = [
            result.record['train_seconds'] / 60
            for result in results
            if (result.run.method, result.run.size) == (method, size)
        ]
        return f'{mean(found):.1f}' if found else '-'

    rows = [[LABELS[method], *(minutes(method, size) for size in sizes)] for method in LABELS]
    return markdown(['minutes', *grid(sizes)], rows)
