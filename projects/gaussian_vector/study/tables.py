"""Markdown tables of the study. NME by inter-ocular distance in %."""

from collections.abc import Sequence
from statistics import mean
from typing import Optional

from projects.study.results import Result
from projects.study.summary import sizes_in
from projects.study.tables import NOT_MEASURED, cell, format_value, grid, markdown

from . import published
from .decode import OWN
from .recipes import HEATMAP, PAPER, PARTS, RECIPES, UNROUNDED, Setting
from .selection import at_epoch, nme, summary_of

USUAL_SIZE = 16

PUBLISHED = 'published (300W)'
"""Heads the paper's numbers, which are not to be compared with ours but in their order."""

NONE = '-'

HEATMAP_DECODERS = {
    'one-hot': 'one-hot',
    'two-hot': 'two-hot (a quarter of a cell)',
    'KeyPosS': 'KeyPosS',
    'GaussianMLE': 'GaussianMLE',
}
VECTOR_DECODERS = {'none': 'strongest cell', 'quarter': 'quarter of a cell', 'exact': 'exact'}
OWN_LABELS = {
    'paper': 'quarter of a cell, rule with tau 2',
    'unrounded': 'exact, rule with tau 4',
    'unrounded-norm': 'exact, rule with tau 4',
}
PUBLISHED_MAIN = {
    ('heatmap', 'two-hot'): published.HEATMAP,
    ('paper', 'quarter'): published.VECTORS,
}


def sizes_or_usual(results: Sequence[Result]) -> list[int]:
    """Sizes of the results; the usual one while there are none."""
    return sizes_in(results) or [USUAL_SIZE]


def sizes_of(results: Sequence[Result], *parts: str) -> list[int]:
    """Sizes with runs of some parts of the study, besides the main part; the usual ones if none."""
    wanted = {setting for part in parts for setting in PARTS[part]}
    return sizes_or_usual([result for result in results if result.run.setting in wanted])


def main_table(results: Sequence[Result]) -> str:
    """Rows are recipes and decoders, columns sizes."""
    sizes = sizes_or_usual(results)
    rows = []
    for recipe, decoders in main_rows(results):
        for decoder, label in decoders.items():
            found = [nme(results, Setting(recipe), size, decoder) for size in sizes]
            known = PUBLISHED_MAIN.get((recipe, decoder))
            rows.append([RECIPES[recipe].label, label, *map(cell, found), percent(known)])
    return markdown(['training', 'decoder', *grid(sizes), PUBLISHED], rows)


def main_rows(results: Sequence[Result]) -> list[tuple[str, dict[str, str]]]:
    """Recipes of the main part, and others with results; the decoders of each."""
    main = {setting.recipe for setting in PARTS['main']}
    found = main | {result.run.setting.recipe for result in results}
    vectors = {name: {**VECTOR_DECODERS, OWN: label} for name, label in OWN_LABELS.items()}
    return [(each, vectors.get(each, HEATMAP_DECODERS)) for each in RECIPES if each in found]


def bandwidth_table(results: Sequence[Result], size: int) -> str:
    """Table 8: rows are bandwidths."""
    rows = [
        (_joined(each), Setting('paper', bandwidths=each), known)
        for each, known in published.BY_BANDWIDTHS.items()
    ]
    return _ablation(f'bandwidths, {size}x{size}', results, size, rows)


def theta_table(results: Sequence[Result], size: int) -> str:
    """Table 7: rows are values of theta."""
    rows = [
        (format_value(each), Setting('paper', theta=each), known)
        for each, known in published.BY_THETA.items()
    ]
    return _ablation(f'theta, {size}x{size}', results, size, rows)


def unrounded_table(results: Sequence[Result], size: int) -> str:
    """What the paper does not have: rows are bandwidths and values of theta."""
    rows = []
    for setting in (UNROUNDED, *PARTS['unrounded']):
        found = [nme(results, setting, size, decoder) for decoder in VECTOR_DECODERS]
        varied = _joined(setting.bandwidths), format_value(setting.theta)
        rows.append([*varied, *map(cell, found)])
    return markdown([f'bandwidths, {size}x{size}', 'theta', *VECTOR_DECODERS.values()], rows)


def _joined(bandwidths: Sequence[int]) -> str:
    return ' and '.join(map(str, bandwidths))


def _ablation(
    title: str, results: Sequence[Result], size: int, settings: Sequence[tuple[str, Setting, float]]
) -> str:
    """Rows are settings with their labels and the paper's numbers, columns decoders."""
    decoders = {**VECTOR_DECODERS, OWN: 'quarter of a cell, rule with tau (1 + theta) / 2'}
    rows = []
    for label, setting, known in settings:
        found = [nme(results, setting, size, decoder) for decoder in decoders]
        rows.append([label, *map(cell, found), percent(known)])
    return markdown([title, *decoders.values(), PUBLISHED], rows)


def convergence_table(results: Sequence[Result], size: int, epochs: int) -> str:
    """Figure 6: rows are epochs, columns recipes."""
    settings = (HEATMAP, PAPER, UNROUNDED)
    rows = [
        [str(epoch), *(cell(summary_of(results, each, size, at_epoch(epoch))) for each in settings)]
        for epoch in range(1, epochs + 1)
    ]
    heads = [RECIPES[setting.recipe].label for setting in settings]
    return markdown([f'epoch, {size}x{size}', *heads], rows)


def time_table(results: Sequence[Result]) -> str:
    """Mean minutes of a training, validation after every epoch included where there was one."""
    sizes = sizes_or_usual(results)
    rows = []
    for recipe in dict.fromkeys(setting.recipe for setting in PARTS['main']):
        minutes = [
            [
                each.record['train_seconds'] / 60
                for each in results
                if (each.run.setting.recipe, each.run.size) == (recipe, size)
            ]
            for size in sizes
        ]
        shown = [f'{mean(each):.1f}' if each else NOT_MEASURED for each in minutes]
        rows.append([RECIPES[recipe].label, *shown])
    return markdown(['minutes', *grid(sizes)], rows)


def percent(value: Optional[float]) -> str:
    """A number of the paper."""
    return NONE if value is None else f'{value:.2f}'
