"""What the command line of this study says beside that of every study."""

import argparse
from pathlib import Path

from mmpose_multilat.multilateration import ALIGNMENTS
from mmpose_multilat.tools.command_line import UserError

from .plan import SIGMAS, LowResolutionRun, is_sigma, make_plan


def add_options(parser: argparse.ArgumentParser) -> None:
    """Define which settings are wanted, and where results may be taken from."""
    add = parser.add_argument
    add(
        '--alignments',
        nargs='+',
        choices=ALIGNMENTS,
        default=ALIGNMENTS,
        help=f'where the cells lie over the input ({" ".join(ALIGNMENTS)})',
    )
    add(
        '--sigmas',
        type=float,
        nargs='+',
        default=SIGMAS,
        metavar='PX',
        help='standard deviations of the Gaussians in heatmap px '
        f'({" ".join(f"{sigma:g}" for sigma in SIGMAS)})',
    )
    add(
        '--take',
        type=Path,
        metavar='FOLDER',
        help='first copy the results of runs with identical settings from this folder, for '
        'instance projects/popos/results/ytf68_12e',
    )


def plan(arguments: argparse.Namespace) -> list[LowResolutionRun]:
    """The runs that the options choose."""
    wrong = [f'{sigma:g}' for sigma in arguments.sigmas if not is_sigma(sigma)]
    if wrong:
        raise UserError(f'--sigmas must be positive numbers, not {", ".join(wrong)}')
    given = arguments
    return make_plan(given.epochs, given.sizes, given.seeds, given.alignments, given.sigmas)
