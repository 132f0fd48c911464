"""The command line of every study: its words, and what may be wrong with them."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmpose_multilat.tools.command_line import UserError

from .definition import Definition
from .run import Run

SIZES = (64, 32, 16, 8, 4)
"""The papers' sizes, which every study may be asked for; one may have others beside them."""

ANNOTATIONS = tuple(
    f'annotations/face_landmarks_ytf68_{part}_mesh.json' for part in ('train', 'val')
)


GOING_ON = """\
Every finished run is a row of `runs.csv` in the folder of results; runs that are there are not
repeated, and one that was interrupted goes on from its last checkpoint. Stop with Ctrl-C, start
again with the same command."""


def build_parser(definition: Definition) -> argparse.ArgumentParser:
    """Define the command line; a study's own options stand in the middle."""
    parser = argparse.ArgumentParser(
        prog=f'python -m {definition.module}', description=f'{definition.description} {GOING_ON}'
    )
    add = parser.add_argument
    add('--data', type=Path, default=Path('data/ytf68'), help='folder of ytf68 (%(default)s)')
    add('--epochs', type=int, default=12, help='length of every training (%(default)s)')
    sizes = list(definition.sizes)
    choices = sorted({*SIZES, *sizes}, reverse=True)
    shown = ' '.join(map(str, sizes))
    add('--sizes', type=int, nargs='+', default=sizes, choices=choices, help=f'({shown})')
    add('--seeds', type=int, nargs='+', default=[0, 1, 2], help='(0 1 2)')
    definition.add_options(parser)
    add('--runs', nargs='+', metavar='NAME', help='only these runs, in place of the plan')
    add('--workers', type=int, default=1, help='trainings at a time (%(default)s)')
    add('--name', help=f'folder below {definition.results} (ytf68_{{epochs}}e)')
    add(
        '--allow-changes',
        action='store_true',
        help='train although files differ from the last commit; what is measured says so',
    )
    add('--keep', action='store_true', help='keep the checkpoints of finished runs')
    what = parser.add_mutually_exclusive_group()
    what.add_argument('--list', action='store_true', help='show what is done, train nothing')
    what.add_argument('--tables', action='store_true', help='write tables and plots only')
    return parser


def folder_name(arguments: argparse.Namespace) -> str:
    """What the folders of results and trainings are called."""
    return arguments.name or f'ytf68_{arguments.epochs}e'


def select(definition: Definition, arguments: argparse.Namespace) -> list[Run]:
    """The plan, or the runs that are asked for by name."""
    if arguments.runs is not None:
        return named(definition, arguments.runs, arguments.epochs)
    return definition.plan(arguments)


def named(definition: Definition, names: Sequence[str], epochs: int) -> list[Run]:
    """Runs by their names, each once."""
    found = {name: definition.run_named(name, epochs) for name in names}
    unknown = sorted(name for name, run in found.items() if run is None)
    if unknown:
        raise UserError(f'no run is called {", ".join(unknown)}; --list shows the names')
    return list(found.values())


def check(arguments: argparse.Namespace) -> None:
    """Refuse numbers that make no sense."""
    for name in ('epochs', 'workers'):
        if getattr(arguments, name) < 1:
            raise UserError(f'--{name} must be at least 1, not {getattr(arguments, name)}')


def check_data(data: Path) -> None:
    """Refuse a folder that is not the dataset's."""
    absent = [name for name in (*ANNOTATIONS, 'images') if not (data / name).exists()]
    if absent:
        raise UserError(
            f'{data} has no {", no ".join(absent)}: name the folder of ytf68 by --data PATH'
        )
