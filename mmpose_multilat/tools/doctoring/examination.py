"""What can be wrong with an installation, and the command that mends it.

Every check is a function from the gathered facts to a :class:`Finding`, or None where all is well.
The facts are plain data, so a check can be tried on an installation that nobody has.
"""

from __future__ import annotations

import functools

from .environment import Environment
from .findings import Check, Finding
from .import_checks import check_import, check_needs
from .library_checks import (
    check_numpy_one,
    check_numpy_two,
    check_opencv_flavours,
    check_opencv_libraries,
    check_openxlab,
    check_python,
    check_setuptools,
    check_torchvision,
)
from .openmmlab_checks import (
    check_mmcv_operators,
    check_mmdet,
    check_mmpose,
    check_version_limits,
)
from .package_checks import (
    check_allow_list,
    check_editable,
    check_mim_folder,
    check_package,
    check_protection,
)

CHECKS: tuple[Check, ...] = (
    check_python,
    functools.partial(check_import, module='torch'),
    check_torchvision,
    functools.partial(check_import, module='numpy'),
    check_numpy_two,
    check_numpy_one,
    functools.partial(check_import, module='xtcocotools'),
    check_opencv_flavours,
    check_opencv_libraries,
    *(functools.partial(check_import, module=module) for module in ('cv2', 'scipy', 'matplotlib')),
    check_setuptools,
    check_openxlab,
    functools.partial(check_import, module='mmengine'),
    functools.partial(check_import, module='mmcv'),
    check_mmcv_operators,
    check_version_limits,
    check_mmdet,
    functools.partial(check_import, module='mmdet'),
    check_mmpose,
    functools.partial(check_import, module='mmpose'),
    functools.partial(check_import, module='mim'),
    check_needs,
    check_allow_list,
    check_protection,
    check_mim_folder,
    check_editable,
    check_package,
)
"""Every check, causes before consequences."""


def examine(environment: Environment) -> list[Finding]:
    """Run every check and return what they found, problems before notes."""
    findings = [finding for check in CHECKS if (finding := check(environment))]
    return sorted(findings, key=lambda finding: finding.is_note)
