"""What the command line of this study says beside that of every study."""

import argparse
import re
from typing import Optional

from mmpose_multilat.tools.command_line import UserError
from projects.study.options import SIZES

from .plan import ABLATION_SIZE, DEFAULT_PARTS, PARTS, LossRun, make_plan


def add_options(parser: argparse.ArgumentParser) -> None:
    """Define which parts of the study are wanted."""
    add = parser.add_argument
    add(
        '--only',
        nargs='+',
        choices=PARTS,
        default=DEFAULT_PARTS,
        help=f'parts of the study ({" ".join(DEFAULT_PARTS)}); main: the five recipes, decoding: '
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


def plan(arguments: argparse.Namespace) -> list[LossRun]:
    """The runs that the options choose."""
    runs = make_plan(
        arguments.epochs,
        arguments.sizes,
        arguments.seeds,
        arguments.only,
        arguments.ablation_sizes,
        arguments.ablation_seeds,
    )
    if not runs:
        raise UserError('no runs: --only decoding needs 16 among --sizes')
    return runs


def run_named(name: str, epochs: int) -> Optional[LossRun]:
    """The run of a name, whatever part it belongs to."""
    ending = re.search(r'_seed(\d+)$', name)
    seeds = [int(ending[1])] if ending else []
    every = make_plan(epochs, SIZES, seeds, PARTS, SIZES, seeds)
    return next((run for run in every if run.name == name), None)
