"""Modules that are missing or broken for no reason that another check knows."""

from __future__ import annotations

from .environment import Environment, missing_module
from .findings import Check, Finding
from .library_checks import (
    check_numpy_one,
    check_numpy_two,
    check_opencv_libraries,
    check_setuptools,
)
from .openmmlab_checks import (
    check_mmcv_operators,
    check_mmdet,
    check_mmpose,
    check_version_limits,
)
from .remedies import DISTRIBUTION_OF, INSTALL

EXPLAINED_BY: dict[str, tuple[Check, ...]] = {
    'cv2': (check_opencv_libraries, check_numpy_one),
    'xtcocotools': (check_numpy_two,),
    'pkg_resources': (check_setuptools,),
    'mmcv.ops': (check_mmcv_operators,),
    'mmdet': (check_mmdet, check_version_limits),
    'mmpose': (check_mmpose, check_version_limits),
}
"""Module -> checks that know better why it cannot be imported."""

BUILT_ON = {
    'mmcv': ('torch', 'torchvision', 'numpy', 'cv2', 'mmengine', 'pkg_resources'),
    'mmcv.ops': ('torch', 'torchvision', 'numpy', 'cv2', 'mmengine', 'mmcv'),
    'mmengine': ('torch', 'torchvision', 'numpy', 'cv2', 'pkg_resources'),
    'mmdet': (
        'torch',
        'torchvision',
        'numpy',
        'cv2',
        'scipy',
        'mmengine',
        'mmcv',
        'mmcv.ops',
        'pkg_resources',
    ),
    'mmpose': (
        *('torch', 'torchvision', 'numpy', 'cv2', 'scipy', 'matplotlib', 'xtcocotools'),
        *('mmengine', 'mmcv', 'mmcv.ops', 'pkg_resources'),
    ),
    'mim': ('pkg_resources',),
}
"""Module -> modules whose failure is reported instead of its own."""


def check_needs(environment: Environment) -> Finding | None:
    """Find modules that a package needs, that are missing and that no other check speaks of."""
    needed: dict[str, list[str]] = {}
    for module in environment.probes:
        missing = missing_module(environment.error(module))
        if missing and missing not in (*INSTALL, 'torchvision', 'mmpose_multilat'):
            needed.setdefault(missing, []).append(module)
    if not needed:
        return None
    problem = '; '.join(
        f'{", ".join(users)} cannot be imported without {name}' for name, users in needed.items()
    )
    return Finding(
        f'{problem}.', f'pip install {" ".join(DISTRIBUTION_OF.get(name, name) for name in needed)}'
    )


def check_import(environment: Environment, module: str) -> Finding | None:
    """Find ``module`` missing or broken in a way that no other check speaks of."""
    error = environment.error(module)
    if not error or (missing_module(error) and not environment.lacks(module)):
        return None
    if any(check(environment) for check in EXPLAINED_BY.get(module, ())):
        return None
    if environment.lacks(module):
        return Finding(f'{module} is not installed.', INSTALL[module])
    if any(environment.error(name) for name in BUILT_ON.get(module, ())):
        return None
    return Finding(f'{module} cannot be imported: {error}', _reinstall(module, error))


def _reinstall(module: str, error: str) -> str:
    """Return the command for a module that is installed and broken, or that takes too long."""
    if '--timeout' in error:
        return 'python -m mmpose_multilat.tools.doctor --timeout 600'
    without_options = INSTALL[module].replace('--no-deps ', '')
    return without_options.replace('pip install', 'pip install --force-reinstall --no-deps')
