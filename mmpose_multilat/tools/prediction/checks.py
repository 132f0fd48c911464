"""What the command line of `predict` must not say."""

import argparse
import math

from mmpose_multilat.tools.command_line import UserError

POSITIVE = ('batch_size', 'max_frames')
FINITE = ('min_score', 'detector_threshold')

NEEDED = dict(
    min_cutoff='smooth',
    beta='smooth',
    derivative_cutoff='smooth',
    detector_checkpoint='detector_config',
    detector_labels='detector_config',
    detector_threshold='detector_config',
    edges='draw',
)
"""Options that would have no effect without another one."""


def check_arguments(arguments: argparse.Namespace) -> None:
    """Refuse numbers out of their range, and options that would be ignored.

    Args:
        arguments: The command line; None where an option is not given.

    Raises:
        UserError: Naming the option.
    """
    given = {name: value for name, value in vars(arguments).items() if value is not None}
    for name in POSITIVE:
        if given.get(name, 1) < 1:
            raise UserError(f'{_option(name)} {given[name]} must be positive')
    for name in FINITE:
        if not math.isfinite(given.get(name, 0)):
            raise UserError(f'{_option(name)} {given[name]} must be a finite number')
    for name, needed in NEEDED.items():
        if name in given and not given.get(needed):
            raise UserError(f'{_option(name)} needs {_option(needed)}')


def _option(name: str) -> str:
    return '--' + name.replace('_', '-')
