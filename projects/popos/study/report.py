"""README.md and plots of a folder of results."""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from projects.study.conditions import conditions
from projects.study.report import Picture, write_page
from projects.study.results import Result

from .plan import ABLATION_SIZE
from .plots import figure_5_panels, size_panels
from .recipes import ABLATIONS
from .selection import DECODERS, decoders_in
from .tables import (
    PUBLISHED_GAIN,
    ablation_table,
    change_table,
    decoding_table,
    main_table,
    target_table,
    time_table,
)

DECODING_TITLES = {
    'anchors': "anchors K of POPoS, solver 'exact'",
    'anchors_grid': "anchors K of POPoS, solver 'grid'",
    'range': 'sampling range (heatmap px)',
    'rate': 'sampling rate (candidates per heatmap px)',
}

INTRODUCTION = """\
Networks trained from scratch on ytf68 by five recipes with equal budgets; each decoded by every
decoder. NME by inter-ocular distance in %, lower is better: mean ± sample standard deviation over
n seeds. MA is the multilateration anchor loss (POPoS equation (1)) with w = 6 and K = 10; the
coordinate loss (smooth L1 in input px, weight 0.001) acts on what KeyPosS decodes while training;
the last recipe is the norm of equation (1) over all cells, and nothing else. The labels are a
teacher's (see [the project's page](../../README.md)), so absolute values must not be compared with
the papers'. Every run's settings, losses and errors are in `runs.csv` beside this page."""


def write_report(results: Sequence[Result], folder: Path, epochs: int, command: str) -> list[Path]:
    """Write tables and plots.

    Args:
        results: The results; those of other lengths are left out.
        folder: Where to write.
        epochs: Length of the trainings.
        command: The command that makes these results.

    Returns:
        The files that were written.
    """
    results = [result for result in results if result.run.epochs == epochs]
    panels = {
        'nme_by_size.png': size_panels(results, DECODERS),
        'ablations.png': figure_5_panels(results),
    }
    pictures = [Picture(name, each, readable_columns(len(each))) for name, each in panels.items()]
    return write_page(folder, pictures, lambda drawn: report_text(results, epochs, command, drawn))


def readable_columns(panels: int) -> int:
    """How many diagrams stand in a row, in as few rows as are readable."""
    return panels if panels <= 3 else 2


def report_text(
    results: Sequence[Result], epochs: int, command: str, pictures: Collection[str]
) -> str:
    """The page: main comparison, ablations, conditions."""
    decoders = decoders_in(results)
    parts = [f'# What each loss brings: {epochs} epochs on ytf68', INTRODUCTION]
    parts += [f'```bash\n{command}\n```', '## Recipes', *(main_table(results, d) for d in decoders)]
    parts += ['![NME by heatmap size](nme_by_size.png)'] * ('nme_by_size.png' in pictures)
    parts += ['## Change by the losses in %', 'Mean over the seeds that both recipes have.']
    parts += [PUBLISHED_GAIN, *(change_table(results, decoder) for decoder in DECODERS)]
    parts += ['## Target', target_table(results)]
    parts += ['## Ablations of the losses', 'Of one table, all rows have the same seeds.']
    parts += ablations(results)
    parts += [f'## Ablations of the decoder, {ABLATION_SIZE}x{ABLATION_SIZE}']
    parts += [decoding_table(results, *family) for family in DECODING_TITLES.items()]
    parts += ['![The ablations of figure 5](ablations.png)'] * ('ablations.png' in pictures)
    parts += ['## Conditions', conditions(results, epochs), time_table(results)]
    return '\n\n'.join(parts) + '\n'


def ablations(results: Sequence[Result]) -> list[str]:
    """Tables of the ablations of losses, for the usual size and for all others that have runs."""
    tables = []
    for part, ablation in ABLATIONS.items():
        default = ablation_is_default(ablation.setting)
        sizes = {
            result.run.size
            for result in results
            if result.run.recipe == ablation.recipe and not default(result)
        }
        usual = {ABLATION_SIZE} if part in ('anchors', 'weight') else set()
        tables += [ablation_table(results, part, size) for size in sorted(sizes | usual)[::-1]]
    return tables


def ablation_is_default(setting: str) -> Callable[[Result], bool]:
    """Tells whether a run has the default of a setting."""
    return lambda result: (
        getattr(result.run.settings, setting) == getattr(type(result.run.settings)(), setting)
    )
