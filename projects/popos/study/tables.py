"""Markdown tables of the study. NME by inter-ocular distance in %."""

from collections.abc import Sequence
from typing import Optional

from projects.study.results import Result
from projects.study.summary import Summary, nme_of, sizes_in, summarise
from projects.study.tables import NOT_MEASURED, cell, format_value, grid, markdown

from .plan import ABLATION_SIZE
from .recipes import ABLATIONS, LABELS
from .selection import (
    DECODERS,
    ablation_errors,
    decoders_in,
    decoding_errors,
    errors,
    relative_change,
)

TARGET = 0.8
"""The study's aim, as a fraction of the error of KeyPosS after plain MSE."""

PUBLISHED_GAIN = 'The paper reports -47 % (300W) and -58 % (COFW) for MA at 4x4.'


def main_table(results: Sequence[Result], decoder: str) -> str:
    """Rows are recipes, columns sizes, for one decoder."""
    sizes = sizes_in(results)
    rows = [
        [label, *(cell(nme_summary(results, recipe, size, decoder)) for size in sizes)]
        for recipe, label in LABELS.items()
    ]
    return markdown([f'{decoder}', *grid(sizes)], rows)


def nme_summary(
    results: Sequence[Result], recipe: str, size: int, decoder: str
) -> Optional[Summary]:
    """NME of a recipe over its seeds."""
    return summarise(list(errors(results, recipe, size, nme_of(decoder)).values()))


def change_table(results: Sequence[Result], decoder: str) -> str:
    """What a recipe changes against plain MSE, with the same decoder and the same seeds."""
    sizes = sizes_in(results)
    rows = []
    for recipe, label in LABELS.items():
        if recipe != 'mse':
            pairs = [
                [errors(results, each, size, nme_of(decoder)) for each in (recipe, 'mse')]
                for size in sizes
            ]
            summaries = [summarise(relative_change(new, old)) for new, old in pairs]
            rows.append([label, *(cell(summary, digits=1, sign='+') for summary in summaries)])
    return markdown([f'{decoder}, against MSE', *grid(sizes)], rows)


def target_table(results: Sequence[Result]) -> str:
    """The best recipe and decoder of every size beside the target."""
    header = ['heatmap', 'KeyPosS, MSE', f'target: {TARGET:g} x', 'best', 'its NME', 'ratio']
    return markdown(header, [target_row(results, size) for size in sizes_in(results)])


def target_row(results: Sequence[Result], size: int) -> list[str]:
    """One size of `target_table`."""
    reference = nme_summary(results, 'mse', size, 'KeyPosS')
    found = {
        (recipe, decoder): nme_summary(results, recipe, size, decoder)
        for recipe in LABELS
        for decoder in decoders_in(results)
    }
    measured = {key: summary.mean for key, summary in found.items() if summary is not None}
    if reference is None or not measured:
        return [f'{size}x{size}', *[NOT_MEASURED] * 5]
    recipe, decoder = best = min(measured, key=measured.get)
    ratio = measured[best] / reference.mean
    return [
        f'{size}x{size}',
        cell(reference),
        f'{100 * TARGET * reference.mean:.2f}',
        f'{LABELS[recipe]}, {decoder}',
        cell(found[best]),
        f'{ratio:.2f}{" (reached)" if ratio <= TARGET else ""}',
    ]


def ablation_table(results: Sequence[Result], part: str, size: int) -> str:
    """Rows are values of a setting of the losses, columns decoders."""
    decoders = (*DECODERS, 'GaussianMLE')
    columns = [ablation_errors(results, part, size, decoder) for decoder in decoders]
    rows = [
        [
            'without (MSE)' if value is None else format_value(value),
            *(cell(summarise(list(column[value].values()))) for column in columns),
        ]
        for value in (None, *ABLATIONS[part].values)
    ]
    return markdown([f'{ABLATIONS[part].title}, {size}x{size}', *decoders], rows)


def decoding_table(results: Sequence[Result], family: str, title: str) -> str:
    """Rows are values of a setting of POPoS' decoder, columns recipes."""
    columns = decoding_errors(results, family, ABLATION_SIZE)
    values = sorted({value for column in columns.values() for value in column})
    rows = [
        [
            format_value(value),
            *(cell(summarise(list(column[value].values()))) for column in columns.values()),
        ]
        for value in values
    ]
    return markdown([title, *columns], rows or [['-', *[NOT_MEASURED] * len(columns)]])


def time_table(results: Sequence[Result]) -> str:
    """Mean minutes of a training."""
    sizes = sizes_in(results)
    rows = [
        [label, *(minutes(results, recipe, size) for size in sizes)]
        for recipe, label in LABELS.items()
    ]
    return markdown(['minutes', *grid(sizes)], rows)


def minutes(results: Sequence[Result], recipe: str, size: int) -> str:
    """One cell of `time_table`."""
    found = errors(results, recipe, size, lambda result: result.record['train_seconds'])
    summary = summarise(list(found.values()))
    return NOT_MEASURED if summary is None else f'{summary.mean / 60:.1f}'
