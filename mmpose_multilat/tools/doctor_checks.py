"""What can be wrong with an installation, and the command that mends it.

Every check is a function from the gathered facts to a :class:`Finding`, or None where all is well.
The facts are plain data, so a check can be tried on an installation that nobody has. Standard
library only: the checks must work where nothing else does.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Callable, Optional

if __package__:
    from .doctor_facts import Environment, Probe, missing_module
else:  # `mim run` starts the doctor as a plain script, and importing the package could fail.
    from doctor_facts import Environment, Probe, missing_module

TESTED_PYTHON = ((3, 9), (3, 11))
"""First and last Python version of the tested stack."""

BUILD_MMCV = (
    'pip install "setuptools<82" wheel ninja psutil && pip uninstall -y mmcv mmcv-lite && '
    'MMCV_WITH_OPS=1 pip install --no-build-isolation --no-cache-dir mmcv==2.1.0'
)
"""Torch has to be there while mmcv is built; pip's cache may hold a wheel without operators."""

NUMPY_1_STACK = 'pip install "numpy<2" "opencv-python<5" "pandas<3"'

REINSTALL_PACKAGE = 'pip install --force-reinstall --no-deps .'
"""To be run in the folder of this project."""

INSTALL = {
    'torch': 'pip install torch',
    'numpy': NUMPY_1_STACK,
    'cv2': 'pip install opencv-python==4.11.0.86',
    'scipy': 'pip install "scipy<1.16"',
    'matplotlib': 'pip install "matplotlib<3.11"',
    'mmengine': 'pip install mmengine==0.10.7',
    'mmcv': BUILD_MMCV,
    'mmcv.ops': BUILD_MMCV,
    'mmdet': 'pip install --no-deps mmdet==3.2.0',
    'mmpose': 'pip install --no-deps mmpose==1.3.2',
    'xtcocotools': 'pip install xtcocotools==1.14.3',
    'pkg_resources': 'pip install "setuptools<82"',
    'mim': 'pip install --no-deps openmim==0.3.9',
}
"""Module -> command that installs it. The requirements files of the project say the same."""

DISTRIBUTION_OF = {
    'PIL': 'pillow',
    'yaml': 'pyyaml',
    'skimage': 'scikit-image',
    'sklearn': 'scikit-learn',
}
"""Modules that are not installed under their own name."""

OPENCV_FLAVOURS = (
    'opencv-python',
    'opencv-python-headless',
    'opencv-contrib-python',
    'opencv-contrib-python-headless',
)

FORCE_NO_WEIGHTS_ONLY = 'TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD'
TRUE_VALUES = ('1', 'y', 'yes', 'true')
"""What torch.load takes for yes in that variable."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong (``is_note``: only worth knowing), and what mends it."""

    problem: str
    remedy: str
    is_note: bool = False


Check = Callable[[Environment], Optional[Finding]]


def check_python(environment: Environment) -> Finding | None:
    """Compare Python with the tested range."""
    first, last = TESTED_PYTHON
    if first <= environment.python[:2] <= last:
        return None
    name = '.'.join(map(str, environment.python))
    tested = f'{first[0]}.{first[1]} to {last[0]}.{last[1]}'
    return Finding(
        f'Python {name} is outside the tested range {tested}.',
        'create an environment with Python 3.11: python3.11 -m venv .venv',
        is_note=environment.python[:2] > last,
    )


def check_torchvision(environment: Environment) -> Finding | None:
    """Find torchvision missing or for another torch (``torchvision::nms does not exist``)."""
    if not environment.error('torchvision') or environment.error('torch'):
        return None
    is_cuda = environment.probes.get('torch', Probe()).details.get('cuda') is not None
    minor = (*environment.release('torch'), 0, 0)[1]
    # torch 2.0 came with torchvision 0.15, and both have counted up together since then.
    version = f'0.{minor + 15}.*' if is_cuda else '0.16.2'
    return Finding(
        f'torchvision cannot be imported with this torch: {environment.error("torchvision")}',
        f'pip install --no-deps "torchvision=={version}"',
    )


def check_numpy_two(environment: Environment) -> Finding | None:
    """Find NumPy 2 under an xtcocotools that was built for NumPy 1."""
    is_two = environment.release('numpy')[:1] >= (2,)
    if not is_two or not environment.error('xtcocotools') or environment.lacks('xtcocotools'):
        return None
    version = environment.distributions['numpy']
    return Finding(
        f'xtcocotools is built for NumPy 1, but NumPy {version} is installed.', NUMPY_1_STACK
    )


def check_numpy_one(environment: Environment) -> Finding | None:
    """Find packages that need NumPy 2 beside NumPy 1."""
    if environment.release('numpy')[:1] != (1,):
        return None
    limits = {**dict.fromkeys(OPENCV_FLAVOURS, 5), 'pandas': 3}
    too_new = [name for name, limit in limits.items() if environment.release(name)[:1] >= (limit,)]
    if not too_new:
        return None
    return Finding(
        f'{", ".join(too_new)} needs NumPy 2, but the stack uses NumPy 1.', NUMPY_1_STACK
    )


def check_opencv_flavours(environment: Environment) -> Finding | None:
    """Find several distributions that overwrite one another's ``cv2``."""
    flavours = [name for name in OPENCV_FLAVOURS if name in environment.distributions]
    if len(flavours) < 2:
        return None
    return Finding(
        f'{" and ".join(flavours)} are installed over one another.',
        f'pip uninstall -y {" ".join(flavours)} && {INSTALL["cv2"]}',
    )


def check_opencv_libraries(environment: Environment) -> Finding | None:
    """Find an OpenCV with windows on a machine without the libraries for them."""
    if not re.search(r'lib(GL|gthread|SM|Xext)\S*\.so', environment.error('cv2')):
        return None
    return Finding(
        f'OpenCV misses a library for windows: {environment.error("cv2")}',
        'pip uninstall -y opencv-python && pip install opencv-python-headless==4.11.0.86',
    )


def check_setuptools(environment: Environment) -> Finding | None:
    """Find a setuptools without ``pkg_resources``, which mim and mmengine import."""
    if environment.release('setuptools')[:1] < (82,) and not environment.error('pkg_resources'):
        return None
    version = environment.distributions.get('setuptools', 'none')
    return Finding(
        'pkg_resources, which mim and mmengine import, is not in setuptools 82 and later '
        f'(installed: {version}).',
        INSTALL['pkg_resources'],
    )


def check_openxlab(environment: Environment) -> Finding | None:
    """Find openxlab, whose pins have downgraded setuptools and others if they are in force."""
    if 'openxlab' not in environment.distributions:
        return None
    # Editable installs came with setuptools 64; openxlab pins 60.2.
    is_downgraded = environment.release('setuptools')[:1] < (64,)
    problem = 'openxlab, which openmim asks for, pins old setuptools, rich, requests and tqdm'
    consequence = (
        ': setuptools has been downgraded, editable installs fail.' if is_downgraded else '.'
    )
    return Finding(
        problem + consequence,
        'pip uninstall -y openxlab opendatalab && '
        'pip install --upgrade "setuptools>=64,<82" rich requests tqdm filelock',
        is_note=not is_downgraded,
    )


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


def check_package(environment: Environment) -> Finding | None:
    """Find this package failing to register although everything that it needs can be imported."""
    error = environment.error('mmpose_multilat')
    if not error or missing_module(error) not in ('', 'mmpose_multilat'):
        return None
    if any(environment.error(module) for module in INSTALL if module not in ('mim', 'mmdet')):
        return None
    return Finding(f'mmpose_multilat cannot be imported: {error}', REINSTALL_PACKAGE)


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
