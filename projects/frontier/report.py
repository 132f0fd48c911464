"""README.md and plot of all results, whatever their length."""

from collections.abc import Sequence
from pathlib import Path

from projects.study.conditions import conditions
from projects.study.report import PAGE
from projects.study.results import Result

from .plot import draw
from .selection import lengths_in, results_below
from .tables import TARGET_EPOCHS, factor_table, frontier_table, published_table, target_table

PICTURE = 'nme_by_gflops.png'

INTRODUCTION = """\
Networks trained from scratch on ytf68 by the norm of all cells (`HeatmapNormLoss`, sigma 1),
decoded by `GaussianMLE`. NME by inter-ocular distance in %, lower is better: mean ± sample standard
deviation over n seeds. GFLOPs are multiply-accumulate operations of one pass over one face in
10^9, without decoding. The labels are a teacher's (see
[POPoS on real faces](../../popos/README.md)), so absolute values must not be compared with the
papers'. Every run's settings, losses, errors of all decoders, parameters and operations are in
`runs.csv` of the folder of its length. Names of networks: side of the input in px, cells along a
side of the heatmap, factor of MobileNetV2's widths, and the stride where the network ends unless
it is 16. FastHRNet was trained in [another study](../../multilat/README.md) by the same recipe."""

FACTORS = """\
One factor at a time, in brackets the change against the plain recipe with the same seeds; see
[the study's page](../README.md) for what each option does."""

PUBLISHED_ELSEWHERE = """\
Another dataset with other labels, networks that start from ImageNet and train longer: not to be
compared with the numbers above."""


def write_report(results: Sequence[Result], folder: Path, epochs: int, command: str) -> list[Path]:
    """Write tables and plot of all lengths into the folder above.

    Args:
        results: The results of one folder; they are read again with those of its neighbours.
        folder: Folder of one length.
        epochs: Not used: the page has all lengths.
        command: Not used, for the same reason.

    Returns:
        The files that were written, the page first.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    page, picture = folder.parent / PAGE, folder.parent / PICTURE
    every = results_below(folder.parent)
    draw(every, picture)
    page.write_text(report_text(every), encoding='utf-8')
    return [page, picture]


def report_text(results: Sequence[Result]) -> str:
    """The page: networks, targets, factors, what others publish, conditions."""
    lengths = lengths_in(results) or [TARGET_EPOCHS]
    parts = ['# Error per operation on ytf68', INTRODUCTION]
    parts += [f'```bash\n{chr(10).join(map(command_of, lengths))}\n```']
    parts += [f'![NME by operations]({PICTURE})', '## Networks', frontier_table(results)]
    parts += ['## Targets', target_table(results), '## Factors', FACTORS]
    for epochs in lengths:
        parts += [f'{epochs} epochs:', factor_table(results, epochs)]
    parts += ['## What others publish', PUBLISHED_ELSEWHERE, published_table(), '## Conditions']
    for epochs in lengths:
        chosen = [result for result in results if result.run.epochs == epochs]
        parts += [conditions(chosen, epochs)]
    return '\n\n'.join(parts) + '\n'


def command_of(epochs: int) -> str:
    """The command that makes the results of a length."""
    return f'python -m projects.frontier --data data/ytf68 --epochs {epochs}'
