"""The command line: its words, and what may be wrong with them."""

import argparse
import re
from pathlib import Path

from mmpose_multilat.tools.command_line import UserError

from .plan import ABLATION_SIZE, DEFAULT_PARTS, PARTS, Run, make_plan

DESCRIPTION = """\
Train, decode and compare the recipes of POPoS on real faces; go on where it was stopped.

Every finished run leaves one JSON file; runs that have one are not repeated, and one that was
interrupted goes on from its last checkpoint. Stop with Ctrl-C, start again with the same command.
"""

SIZES = (64, 32, 16, 8, 4)

ANNOTATIONS = tuple(
    f'annotations/face_landmarks_ytf68_{part}_mesh.json' for part in ('train', 'val')
)


def build_parser() -> argparse.ArgumentParser:
    """Define the command line."""
    parser = argparse.ArgumentParser(prog='python -m projects.popos.study', description=DESCRIPTION)
    add = parser.add_argument
    add('--data', type=Path, default=Path('data/ytf68'), help='folder of ytf68 (%(default)s)')
    add('--epochs', type=int, default=12, help='length of every training (%(default)s)')
    add('--sizes', type=int, nargs='+', default=[16, 8, 4], choices=SIZES, help='(16 8 4)')
    add('--seeds', type=int, nargs='+', default=[0, 1, 2], help='(0 1 2)')
    add(
        '--only',
        nargs='+',
        choices=PARTS,
        default=DEFAULT_PARTS,
        help=f'parts of the study ({" ".join(DEFAULT_PARTS)}); main: the four recipes, decoding: '
        'the runs that the ablations of the decoder need, the others: ablations of the losses',
    )
    add(
        '--ablation-sizes',
        type=int,
        nargs='+',
        choices=SIZES,
        default=[ABLATION_SIZE],
        help=f'sizes of the ablations of the losses ({ABLATION_SIZE})',
    )
    add('--ablation-seeds', type=int, nargs='+', default=[0], help='their seeds (0)')
    add('--runs', nargs='+', metavar='NAME', help='only these runs, whatever part they belong to')
    add('--workers', type=int, default=1, help='trainings at a time (%(default)s)')
    add('--name', help='folder below projects/popos/results (ytf68_{epochs}e)')
    add('--keep', action='store_true', help='keep the checkpoints of finished runs')
    what = parser.add_mutually_exclusive_group()
    what.add_argument('--list', action='store_true', help='show what is done, train nothing')
    what.add_argument('--tables', action='store_true', help='write tables and plots only')
    return parser


def select(arguments: argparse.Namespace) -> list[Run]:
    """The plan, or the runs that are asked for by name."""
    if arguments.runs is not None:
        return named(arguments.runs, arguments.epochs)
    plan = make_plan(
        arguments.epochs,
        arguments.sizes,
        arguments.seeds,
        arguments.only,
        arguments.ablation_sizes,
        arguments.ablation_seeds,
    )
    if not plan:
        raise UserError('no runs: --only decoding needs 16 among --sizes')
    return plan


def named(names: list[str], epochs: int) -> list[Run]:
    """Runs by their names."""
    endings = [re.search(r'_seed(\d+)$', name) for name in names]
    seeds = sorted({int(ending[1]) for ending in endings if ending})
    known = {run.name: run for run in make_plan(epochs, SIZES, seeds, PARTS, SIZES, seeds)}
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise UserError(f'no run is called {", ".join(unknown)}; --list shows the names')
    return [known[name] for name in dict.fromkeys(names)]


def check(arguments: argparse.Namespace) -> None:
    """Refuse numbers that make no sense."""
    for name in ('epochs', 'workers'):
        if getattr(arguments, name) < 1:
            raise UserError(f'--{name} must be at least 1, not {getattr(arguments, name)}')


def check_data(data: Path) -> None:
    """Refuse a folder that is not the data set's."""
    absent = [name for name in (*ANNOTATIONS, 'images') if not (data / name).exists()]
    if absent:
        raise UserError(
            f'{data} has no {", no ".join(absent)}: name the folder of ytf68 by --data PATH'
        )
