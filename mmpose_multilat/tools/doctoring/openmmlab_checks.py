"""Traps of mmcv, mmdet and mmpose."""

from __future__ import annotations

import re

from .environment import Environment, missing_module
from .findings import Finding
from .remedies import BUILD_MMCV, INSTALL


def check_mmcv_operators(environment: Environment) -> Finding | None:
    """Find an mmcv without its compiled operators, or with operators for another torch."""
    if environment.error('mmcv') or environment.error('torch') or not environment.error('mmcv.ops'):
        return None
    error = environment.error('mmcv.ops')
    if missing_module(error) not in ('', 'mmcv'):
        return None
    if 'mmcv._ext' in error:
        return Finding(f'mmcv was built without its operators: {error}', BUILD_MMCV)
    return Finding(f'the operators of mmcv do not work with this torch: {error}', BUILD_MMCV)


def check_mmdet(environment: Environment) -> Finding | None:
    """Mention a missing mmdet, which only the face detector of the inferencer needs."""
    if not environment.lacks('mmdet'):
        return None
    return Finding(
        'mmdet is not installed; only the face detector of MMPoseInferencer needs it.',
        INSTALL['mmdet'],
        is_note=True,
    )


def check_mmpose(environment: Environment) -> Finding | None:
    """Find a missing mmpose, whose plain installation stops at chumpy."""
    if not environment.lacks('mmpose'):
        return None
    return Finding(
        'mmpose is not installed; `pip install mmpose` stops at chumpy, which does not build and '
        'is not used.',
        INSTALL['mmpose'],
    )


def check_version_limits(environment: Environment) -> Finding | None:
    """Find packages of OpenMMLab that refuse one another's version."""
    for module in ('mmdet', 'mmpose'):
        if 'is used but incompatible' in environment.error(module):
            problem = f'{module} refuses its neighbours: {environment.error(module)}'
            return Finding(
                problem, ' && '.join(_commands_to_tested_versions(environment)) or INSTALL[module]
            )
    return None


def _commands_to_tested_versions(environment: Environment) -> list[str]:
    """Return the commands for those packages of OpenMMLab that are not at the tested version."""
    commands = [INSTALL[module] for module in ('mmcv', 'mmengine', 'mmdet', 'mmpose')]
    pins = {command: re.search(r'(\w+)==(\S+)$', command).groups() for command in commands}
    return [
        command
        for command, (name, version) in pins.items()
        if environment.distributions.get(name) != version
    ]
