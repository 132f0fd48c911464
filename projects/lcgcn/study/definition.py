"""The study of graphs, for the machine."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmpose_multilat.tools.command_line import UserError
from projects.study.definition import Definition
from projects.study.records import read_records
from projects.study.run_config import ROOT

from .methods import LABELS
from .plan import GraphRun, heatmap_checkpoint, make_plan, run_named, run_of
from .report import write_report


def add_options(parser: argparse.ArgumentParser) -> None:
    """Define which methods are wanted."""
    parser.add_argument(
        '--methods', nargs='+', choices=LABELS, default=list(LABELS), help='(all of them)'
    )


def plan(arguments: argparse.Namespace) -> list[GraphRun]:
    """The runs that the options choose."""
    given = arguments
    return make_plan(given.epochs, given.sizes, given.seeds, given.methods)


def check_heatmap_networks(
    arguments: argparse.Namespace, plan: Sequence[GraphRun], results: Path
) -> None:
    """Refuse to train without the heatmap networks that the runs begin with."""
    done = read_records(results)
    wanted = [heatmap_checkpoint(run) for run in plan if run.name not in done]
    absent = [path for path in dict.fromkeys(wanted) if not (ROOT / path).is_file()]
    if absent and not (arguments.list or arguments.tables):
        names = ' '.join(dict.fromkeys(path.parts[-3] for path in absent))
        # Without another name that study finds its results and trains nothing.
        folder = absent[0].parents[2]
        raise UserError(
            f'{absent[0]} is missing; train the heatmap networks first: python -m '
            f'projects.multilat.low_resolution --data {arguments.data} --epochs '
            f'{arguments.epochs} --keep --name again --runs {names}; then move '
            f'{folder.with_name("again")} to {folder}'
        )


GRAPHS = Definition(
    module='projects.lcgcn.study',
    description=(
        'Refine the landmarks of heatmap networks over graphs, and compare with further epochs '
        'of the networks, with and without occluders.'
    ),
    results=Path('projects/lcgcn/results'),
    work=Path('work_dirs/lcgcn'),
    plan=plan,
    run_named=run_named,
    run_of=run_of,
    write_report=write_report,
    add_options=add_options,
    prepare=check_heatmap_networks,
)
