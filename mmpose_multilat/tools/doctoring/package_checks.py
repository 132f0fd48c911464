"""Traps of this package: how it is installed, and protection against code in checkpoints."""

from __future__ import annotations

from .environment import Environment, Probe, missing_module
from .findings import Finding
from .remedies import INSTALL, REINSTALL_PACKAGE

FORCE_NO_WEIGHTS_ONLY = 'TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD'

TRUE_VALUES = ('1', 'y', 'yes', 'true')
"""What torch.load takes for yes in that variable."""


def check_allow_list(environment: Environment) -> Finding | None:
    """Find torch >= 2.6 refusing MMEngine's training checkpoints with this package imported."""
    probe = environment.probes.get('mmpose_multilat', Probe())
    refusal = probe.details.get('checkpoint_error')
    if not refusal:
        return None
    return Finding(
        f'torch.load refuses the training checkpoints of MMEngine: {refusal}',
        f'{INSTALL["mmengine"]} && {REINSTALL_PACKAGE}',
    )


def check_protection(environment: Environment) -> Finding | None:
    """Find torch's protection against code in checkpoints switched off."""
    if environment.variables.get(FORCE_NO_WEIGHTS_ONLY, '').lower() not in TRUE_VALUES:
        return None
    return Finding(
        f'{FORCE_NO_WEIGHTS_ONLY} is set: every checkpoint that is loaded may run code. '
        'This package does not need it.',
        f'unset {FORCE_NO_WEIGHTS_ONLY}',
    )


def check_mim_folder(environment: Environment) -> Finding | None:
    """Find an installed package without the configs that mim looks for."""
    if environment.installation != 'wheel' or environment.has_mim_folder:
        return None
    return Finding(
        'the installed package holds no .mim folder, so mim finds none of its configs.',
        REINSTALL_PACKAGE,
    )


def check_editable(environment: Environment) -> Finding | None:
    """Mention that mim looks in site-packages, where editable installs and source trees are not."""
    if environment.installation == 'wheel':
        return None
    return Finding(
        '`mim run mmpose_multilat TOOL` looks in site-packages, where this '
        f'{environment.installation} installation is not.',
        'use `python -m mmpose_multilat.tools.TOOL` and `mim train mmpose PATH/TO/CONFIG.py`, '
        'or install a wheel: pip install --no-deps .',
        is_note=True,
    )


def check_package(environment: Environment) -> Finding | None:
    """Find this package failing to register although everything that it needs can be imported."""
    error = environment.error('mmpose_multilat')
    if not error or missing_module(error) not in ('', 'mmpose_multilat'):
        return None
    if any(environment.error(module) for module in INSTALL if module not in ('mim', 'mmdet')):
        return None
    return Finding(f'mmpose_multilat cannot be imported: {error}', REINSTALL_PACKAGE)
