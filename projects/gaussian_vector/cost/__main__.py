"""The command, see the package."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Optional

import torch
from mmengine.utils import ProgressBar

from mmpose_multilat.tools.command_line import UserError, run_tool
from projects.multilat.record import about, write_json

from . import __doc__ as description
from .measurement import Cost, measure
from .table import table

SIZES = (64, 16, 8)
LANDMARKS = 68
BATCHES = (1, 32)
"""Faces in a call; with one, calling PyTorch takes longer than reading the cells."""

TURNS = 60

MODULE = 'projects.gaussian_vector.cost'


def build_parser() -> argparse.ArgumentParser:
    """Define the command line."""
    parser = argparse.ArgumentParser(
        prog=f'python -m {MODULE}',
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add('--sizes', type=int, nargs='+', default=list(SIZES), help='cells along a side (64 16 8)')
    add('--landmarks', type=int, default=LANDMARKS, help='of a face (%(default)s)')
    add('--batches', type=int, nargs='+', default=list(BATCHES), help='faces in a call (1 32)')
    add('--turns', type=int, default=TURNS, help='measurements of each decoder (%(default)s)')
    add('--threads', type=int, default=1, help='processor threads (%(default)s)')
    add('--out', type=Path, help='file for the numbers (.json); a table (.md) is put beside it')
    return parser


def run(arguments: argparse.Namespace) -> None:
    """Measure, print the table, and write the files that were asked for."""
    least = dict(sizes=3, landmarks=1, batches=1, turns=1, threads=1)
    for name, lowest in least.items():
        given = getattr(arguments, name)
        if min(given if isinstance(given, list) else [given]) < lowest:
            raise UserError(f'--{name} must be at least {lowest}')
    before = torch.get_num_threads()
    torch.set_num_threads(arguments.threads)
    try:
        facts = about(MODULE, arguments.words, seed=0)
        facts.update(landmarks=arguments.landmarks)
        costs = measure_all(arguments)
    finally:
        torch.set_num_threads(before)
    text = table(costs, facts)
    print(f'\n\n{text}')
    if arguments.out is not None:
        write_json(arguments.out, {**facts, 'results': [asdict(each) for each in costs]})
        page = arguments.out.with_suffix('.md')
        page.write_text(f'{text}\n', encoding='utf-8')
        print(f'Written: {arguments.out}, {page}')


@torch.no_grad()
def measure_all(arguments: argparse.Namespace) -> list[Cost]:
    """Every size, the largest first, with every batch; with a progress bar."""
    sizes = sorted(set(arguments.sizes), reverse=True)
    cases = [(size, batch) for size in sizes for batch in sorted(set(arguments.batches))]
    progress = ProgressBar(arguments.turns * len(cases))
    fixed = arguments.landmarks, arguments.turns, progress.update
    return [cost for case in cases for cost in measure(*case, *fixed)]


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the tool; returns the exit status."""
    return run_tool(run, build_parser(), arguments)


if __name__ == '__main__':
    sys.exit(main())
