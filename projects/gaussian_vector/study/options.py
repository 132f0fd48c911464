"""What the command line of this study says beside that of every study."""

import argparse
import re
from pathlib import Path
from typing import Optional

from projects.study.options import SIZES

from .plan import VectorRun, make_plan
from .recipes import DEFAULT_PARTS, PARTS


def add_options(parser: argparse.ArgumentParser) -> None:
    """Define which parts of the study are wanted, and where results may be taken from."""
    add = parser.add_argument
    add(
        '--only',
        nargs='+',
        choices=PARTS,
        default=DEFAULT_PARTS,
        help=f'parts of the study ({" ".join(DEFAULT_PARTS)}); main: heatmaps, the paper, labels '
        'that are not rounded; bandwidth, theta: ablations of the paper; box: the main part on '
        'shrunk boxes, vectors also by bands that end at the border; norm: heatmaps and labels '
        'that are not rounded with the norm loss; unrounded: labels that are not rounded without '
        'theta, by single columns, and both',
    )
    add(
        '--take',
        type=Path,
        metavar='FOLDER',
        help='first copy the results of heatmaps that were trained alike from this folder, for '
        'instance projects/popos/results/ytf68_12e; they have no curve of convergence and no '
        'errors on shrunk boxes',
    )


def plan(arguments: argparse.Namespace) -> list[VectorRun]:
    """The runs that the options choose."""
    return make_plan(arguments.epochs, arguments.sizes, arguments.seeds, arguments.only)


def run_named(name: str, epochs: int) -> Optional[VectorRun]:
    """The run of a name, whatever part it belongs to; None if no run is called so."""
    ending = re.search(r'_seed(\d+)$', name)
    every = make_plan(epochs, SIZES, [int(ending[1])] if ending else [], PARTS)
    return next((run for run in every if run.name == name), None)
