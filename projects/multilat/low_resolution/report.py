"""README.md and plot of a folder of results."""

from collections.abc import Sequence
from pathlib import Path

from projects.study.conditions import conditions
from projects.study.report import Picture, write_page
from projects.study.results import Result
from projects.study.summary import sizes_in

from .tables import sigma_panels, size_table, time_table

PICTURE = 'nme_by_sigma.png'

INTRODUCTION = """\
Networks trained from scratch on ytf68 by the norm of all cells (`HeatmapNormLoss`) with equal
budgets; only the heatmaps differ: where their cells lie over the input (`alignment`) and how wide
the Gaussians are (`sigma`, in heatmap px), in the codec that makes the training's heatmaps as in
the one that decodes. NME by inter-ocular distance in %, lower is better: mean ± sample standard
deviation over n seeds, the lowest mean of every decoder in bold; settings with more seeds than
others are not compared on equal terms. The labels are a teacher's (see
[POPoS on real faces](../../../../popos/README.md)), so absolute values must not be compared with
the papers'. Every run's settings, losses and errors are in `runs.csv` beside this page; a run
with `taken_from` is the result of an identical run of another study."""

EXACTNESS = """\
The last rows are facts about the decoders, not about networks: with ideal heatmaps of at least this
sigma every landmark of the input is found within 0.01 input px; a narrower Gaussian leaves too
little in the cells around."""


def write_report(results: Sequence[Result], folder: Path, epochs: int, command: str) -> list[Path]:
    """Write tables and plot.

    Args:
        results: The results; those of other lengths are left out.
        folder: Where to write.
        epochs: Length of the trainings.
        command: The command that makes these results.

    Returns:
        The files that were written.
    """
    results = [result for result in results if result.run.epochs == epochs]
    picture = Picture(PICTURE, sigma_panels(results), columns=len(sizes_in(results)))
    return write_page(folder, [picture], lambda _: report_text(results, epochs, command))


def report_text(results: Sequence[Result], epochs: int, command: str) -> str:
    """The page: a table for each size, the plot, conditions."""
    parts = [f'# Alignment and sigma at low resolution: {epochs} epochs on ytf68', INTRODUCTION]
    parts += [f'```bash\n{command}\n```', EXACTNESS]
    parts += [size_table(results, size) for size in sizes_in(results)]
    parts += [f'![NME by sigma]({PICTURE})'] * bool(results)
    parts += ['## Conditions', conditions(results, epochs)]
    parts += [time_table(results)] * bool(results)
    return '\n\n'.join(parts) + '\n'
