"""What the command line of `predict` must not say."""

import argparse
import math
from collections.abc import Mapping
from typing import Any

from mmpose_multilat.errors import UserError
from mmpose_multilat.tools.command_line import check_least, option

FINITE = ('min_score', 'detector_threshold')

NEEDED = dict(
    min_cutoff='smooth',
    beta='smooth',
    derivative_cutoff='smooth',
    detector_config='detector_checkpoint',
    detector_checkpoint='detector_config',
    detector_labels='detector_config',
    detector_threshold='detector_config',
    edges='draw',
)
"""Options that do nothing without another one."""

FACES_FROM = ('boxes', 'box', 'detector_config')
"""Options that say where the faces are."""


def check_arguments(arguments: argparse.Namespace) -> None:
    """Refuse numbers out of their range, and options that are missing or would be ignored.

    Args:
        arguments: The command line; None where an option is not given.

    Raises:
        UserError: Naming the option.
    """
    given = {name: value for name, value in vars(arguments).items() if value is not None}
    check_least(arguments, batch_size=1, max_frames=1)
    for name in FINITE:
        if not math.isfinite(given.get(name, 0)):
            raise UserError(f'{option(name)} {given[name]} must be a finite number')
    for name, needed in NEEDED.items():
        if name in given and not given.get(needed):
            raise UserError(f'{option(name)} needs {option(needed)}')
    chosen = [option(name) for name in FACES_FROM if name in given]
    if len(chosen) > 1:
        raise UserError(f'{" and ".join(chosen)} exclude each other: faces come from one of them')
    _check_network(given)


def _check_network(given: Mapping[str, Any]) -> None:
    """Refuse a command line without network, or with two."""
    if not given.get('model'):
        if not given.get('config') or not given.get('checkpoint'):
            raise UserError('name the network: --config and --checkpoint, or --model FILE.onnx')
        return
    for name in ('config', 'checkpoint', 'cfg_options'):
        if given.get(name):
            raise UserError(f'--model is a whole network; leave {option(name)} out')
    if given.get('edges'):
        raise UserError('--edges needs --config and --checkpoint; exported files have no edges')
