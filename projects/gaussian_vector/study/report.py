"""README.md and plots of a folder of results."""

from collections.abc import Collection, Sequence
from pathlib import Path

from projects.study.conditions import conditions
from projects.study.report import Picture, write_page
from projects.study.results import Result
from projects.study.summary import sizes_in

from .box import box_table, box_text
from .plots import ablation_panels, convergence_panels
from .recipes import PARTS
from .tables import (
    bandwidth_table,
    convergence_table,
    main_table,
    sizes_of,
    sizes_or_usual,
    theta_table,
    time_table,
    unrounded_table,
)

INTRODUCTION = """\
Networks trained from scratch on ytf68 with equal budgets: heatmaps, and the vectors of Gaussian
Vector by band pooling of the same heatmaps; every network decoded in all ways that need no
training. NME by inter-ocular distance in %, lower is better: mean ± sample standard deviation over
n seeds. Where nothing else is said bandwidths are 3 and 5 in equal parts, theta is 3 and sigma 2
cells, as in the paper, and the decoder knows no beyond-box rule. Our labels are a teacher's (see
[POPoS on real faces](../../../popos/README.md)), and our networks are small and trained briefly;
the published columns are of ResNet50 at 64x64 on 300W. Only the order within a column can be
compared. Every run's settings, losses and errors are in `runs.csv` beside this page, with more
errors in the tables `decoding.csv`, `boxes.csv` and `nme_by_epoch.csv`; a run with
`taken_from` is the result of an identical training of another study, which has no curve of
convergence and no errors on shrunk boxes."""

ABLATIONS = ('bandwidth', 'theta')
"""Parts of the study that vary one setting of the paper."""

CONVERGENCE = """\
NME after every epoch, by the decoder of the config: two-hot for heatmaps; a quarter of a cell and
the rule with tau 2 for Gaussian Vector; exact and the rule with tau 4 for labels not rounded."""


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
    return write_page(
        folder,
        pictures(results, epochs),
        lambda drawn: report_text(results, epochs, command, drawn),
    )


def pictures(results: Sequence[Result], epochs: int) -> list[Picture]:
    """Two images for every size, each with its diagrams in a row."""
    found = {}
    for size in sizes_of(results, *ABLATIONS):
        found[f'ablations_hm{size}.png'] = ablation_panels(results, size)
    for size in sizes_or_usual(results):
        found[f'convergence_hm{size}.png'] = convergence_panels(results, size, epochs)
    return [Picture(name, panels, len(panels)) for name, panels in found.items()]


def report_text(
    results: Sequence[Result], epochs: int, command: str, drawn: Collection[str]
) -> str:
    """The page: main comparison, ablations, shrunk boxes, convergence, conditions."""
    sizes = sizes_or_usual(results)

    def shown(name: str, text: str) -> list[str]:
        names = [f'{name}_hm{size}.png' for size in sizes]
        return [f'![{text}]({each})' for each in names if each in drawn]

    parts = [f'# Heatmaps or vectors: {epochs} epochs on ytf68', INTRODUCTION]
    parts += [f'```bash\n{command}\n```', '## Heatmaps or vectors (table 5)', main_table(results)]
    by_bandwidth, by_theta = (sizes_of(results, part) for part in ABLATIONS)
    parts += ['## Bandwidth (table 8)', *(bandwidth_table(results, each) for each in by_bandwidth)]
    parts += ['## Theta (table 7)', *(theta_table(results, each) for each in by_theta)]
    parts += shown('ablations', 'NME by theta and by bandwidth')
    parts += _unrounded(results)
    parts += ['## Shrunk boxes (tables 5 and 6)', box_text(results)]
    parts += [box_table(results, size, each) for size in sizes for each in (False, True)]
    parts += ['## Convergence (figure 6)', CONVERGENCE]
    parts += [convergence_table(results, size, epochs) for size in sizes]
    parts += shown('convergence', 'NME by epoch')
    parts += ['## Conditions', conditions(results, epochs), time_table(results)]
    return '\n\n'.join(parts) + '\n'


def _unrounded(results: Sequence[Result]) -> list[str]:
    """A section on a part that is not in the default plan, nothing without its results."""
    found = [result for result in results if result.run.setting in PARTS['unrounded']]
    if not found:
        return []
    heading = '## Labels that are not rounded, by bandwidth and theta (not in the paper)'
    return [heading, *(unrounded_table(results, size) for size in sizes_in(found))]
