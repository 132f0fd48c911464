"""Traps of Python, torch, NumPy, OpenCV and setuptools."""

from __future__ import annotations

import re

from .environment import Environment, Probe
from .findings import Finding
from .remedies import INSTALL, NUMPY_1_STACK

SUPPORTED_PYTHON = ((3, 9), (3, 11))
"""First and last Python version of the stack; 3.11 is tested."""

OPENCV_FLAVOURS = (
    'opencv-python',
    'opencv-python-headless',
    'opencv-contrib-python',
    'opencv-contrib-python-headless',
)


def check_python(environment: Environment) -> Finding | None:
    """Compare Python with the supported range."""
    first, last = SUPPORTED_PYTHON
    if first <= environment.python[:2] <= last:
        return None
    name = '.'.join(map(str, environment.python))
    supported = f'{first[0]}.{first[1]} to {last[0]}.{last[1]}'
    return Finding(
        f'Python {name} is outside the supported range {supported}.',
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
