"""What the command line of this study says beside that of every study."""

import argparse

from mmpose_multilat.tools.command_line import UserError

from .plan import DEFAULT_PARTS, PARTS, make_plan
from .run import FrontierRun


def add_options(parser: argparse.ArgumentParser) -> None:
    """Define which parts of the study are wanted."""
    parser.add_argument(
        '--parts',
        nargs='+',
        choices=PARTS,
        default=DEFAULT_PARTS,
        help=f'parts of the study ({" ".join(DEFAULT_PARTS)}), trained in this order; budgets: a '
        'network for each, alternatives: others for them, factors: one option at a time with the '
        'two smallest, average: EMA with all of the first part, seeds: the first part again',
    )


def plan(arguments: argparse.Namespace) -> list[FrontierRun]:
    """The runs that the options choose."""
    every = make_plan(arguments.epochs, arguments.seeds, arguments.parts)
    runs = [run for run in every if run.size in arguments.sizes]
    if not runs:
        raise UserError(f'no run of these --parts has heatmaps of --sizes {arguments.sizes}')
    return runs
