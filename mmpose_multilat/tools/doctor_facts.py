"""Facts about an installation, gathered without importing anything outside the standard library.

Modules are imported in another process, because an import can fail, kill its process or hang.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

ANSWER_MARK = 'mmpose-multilat-doctor:'
"""Starts a line with an answer; imports may print lines of their own."""

IMPORTER = f"""
import json, sys, traceback
for code in json.loads(sys.argv[1]):
    names = dict(details=dict())
    error = None
    try:
        exec(code, names)
    except BaseException as failure:
        error = ' '.join(traceback.format_exception_only(type(failure), failure)[-1].split())
    print()
    print({ANSWER_MARK!r} + json.dumps(dict(error=error, details=names['details'])), flush=True)
    if error:
        break
"""
"""Program that runs pieces of code, tells the outcome of each, and stops at the first that fails:
what a failed import leaves behind must not disturb the next one."""

TRY_CHECKPOINT = """
import io, mmpose_multilat, torch
from mmengine.logging import HistoryBuffer
file = io.BytesIO()
torch.save(HistoryBuffer([1.0], [1]), file)
file.seek(0)
try:
    torch.load(file)
    details = dict(checkpoint_error=None)
except Exception as failure:
    details = dict(checkpoint_error=' '.join(str(failure).splitlines()[-3:]))
"""
"""Load what MMEngine's training checkpoints contain after importing this package."""

TRY_TORCH = """
import torch
gpu = torch.cuda.get_device_name(0) if torch.cuda.is_available() else None
details = dict(cuda=torch.version.cuda, gpu=gpu)
"""

PROBED = {
    'torch': TRY_TORCH,
    'torchvision': 'import torchvision',
    'numpy': 'import numpy',
    'cv2': 'import cv2',
    'scipy': 'import scipy.optimize, scipy.spatial',
    'matplotlib': 'import matplotlib.pyplot',
    'mmengine': 'import mmengine.runner',
    'mmcv': 'import mmcv',
    'mmcv.ops': 'import mmcv.ops',
    'mmdet': 'import mmdet.apis',
    'mmpose': 'import mmpose.datasets, mmpose.models, mmpose.evaluation',
    'xtcocotools': 'import xtcocotools.coco, xtcocotools.mask',
    'pkg_resources': 'import pkg_resources',
    'mim': 'import mim',
    'mmpose_multilat': TRY_CHECKPOINT,
}
"""Module -> Python code that imports it and may fill ``details``."""


@dataclass(frozen=True)
class Probe:
    """Outcome of importing a module: its ``error`` (None: imported), and what it told."""

    error: str | None = None
    details: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Environment:
    """Facts about an installation.

    Attributes:
        python: Version of Python, (major, minor, patch).
        distributions: Normalised name of every installed distribution -> version.
        probes: Module -> outcome of importing it.
        variables: Environment variables that start with ``TORCH_``.
        installation: How this package is installed: 'wheel', 'editable' or 'source' (not at all).
        has_mim_folder: Whether the package holds ``.mim`` with configs and model index.
    """

    python: tuple[int, int, int]
    distributions: dict[str, str]
    probes: dict[str, Probe]
    variables: dict[str, str] = field(default_factory=dict)
    installation: str = 'wheel'
    has_mim_folder: bool = True

    def error(self, module: str) -> str:
        """Return why ``module`` cannot be imported, '' if it can or was not probed."""
        return self.probes.get(module, Probe()).error or ''

    def lacks(self, module: str) -> bool:
        """Tell whether ``module`` itself, and not something that it needs, is missing."""
        return missing_module(self.error(module)) == module.partition('.')[0]

    def release(self, distribution: str) -> tuple[int, ...]:
        """Return the numbers of a distribution's version, () if it is not installed."""
        return tuple(
            int(part) for part in re.findall(r'\d+', self.distributions.get(distribution, ''))[:3]
        )


def missing_module(error: str) -> str:
    """Return the top-level name in ``No module named 'NAME.sub'``, '' for any other error."""
    found = re.search(r"No module named '?(\w+)", error)
    return found.group(1) if found else ''


def describe_exit(return_code: int) -> str:
    """Say how a process ended that gave no answer."""
    if return_code >= 0:
        return f'the process ended with status {return_code} while importing'
    names = {entry.value: entry.name for entry in signal.Signals}
    name = names.get(-return_code, f'signal {-return_code}')
    return f'the process was killed by {name} while importing'


def read_answer(process: subprocess.Popen, time_limit: float) -> Probe:
    """Wait for the next answer of an :data:`IMPORTER`, and kill it after ``time_limit`` seconds."""
    is_late = threading.Event()
    timer = threading.Timer(time_limit, lambda: (is_late.set(), process.kill()))
    timer.start()
    try:
        for line in process.stdout:
            if line.startswith(ANSWER_MARK):
                return Probe(**json.loads(line[len(ANSWER_MARK) :]))
        process.wait()
    finally:
        timer.cancel()
    if is_late.is_set():
        return Probe(error=f'no answer within {time_limit:g} s (see --timeout)')
    return Probe(error=describe_exit(process.returncode))


def run_until_failure(codes: dict[str, str], time_limit: float) -> Iterator[tuple[str, Probe]]:
    """Run pieces of code in one new process, and yield the outcomes up to the first failure."""
    command = [sys.executable, '-c', IMPORTER, json.dumps(list(codes.values()))]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    with process:
        for module in codes:
            probe = read_answer(process, time_limit)
            yield module, probe
            if probe.error:
                break
        process.kill()


def run_probes(
    codes: dict[str, str], time_limit: float, report: Callable[[int, int], None]
) -> dict[str, Probe]:
    """Import modules in another process, and in a new one after each failure.

    Args:
        codes: Module -> Python code that imports it, and may fill ``details`` for JSON.
        time_limit: Seconds for each module.
        report: Called with (modules done, modules in all).

    Returns:
        Module -> outcome.
    """
    probes: dict[str, Probe] = {}
    while len(probes) < len(codes):
        remaining = {module: code for module, code in codes.items() if module not in probes}
        for module, probe in run_until_failure(remaining, time_limit):
            probes[module] = probe
            report(len(probes), len(codes))
    return probes


def list_distributions() -> dict[str, str]:
    """Return normalised name -> version of everything that is installed."""
    found = {}
    for distribution in importlib.metadata.distributions():
        name = distribution.metadata['Name']
        if name:
            # What stands first on the path is what gets imported.
            found.setdefault(re.sub(r'[-_.]+', '-', name).lower(), distribution.version)
    return found


def find_installation() -> str:
    """Return how this package is installed: 'wheel', 'editable' or 'source' (not installed)."""
    try:
        origin = importlib.metadata.distribution('mmpose-multilat').read_text('direct_url.json')
    except importlib.metadata.PackageNotFoundError:
        return 'source'
    is_editable = json.loads(origin or '{}').get('dir_info', {}).get('editable', False)
    return 'editable' if is_editable else 'wheel'


def gather(time_limit: float, report: Callable[[int, int], None]) -> Environment:
    """Gather every fact about the running Python's installation; see :func:`run_probes`."""
    return Environment(
        python=sys.version_info[:3],
        distributions=list_distributions(),
        probes=run_probes(PROBED, time_limit, report),
        variables={name: value for name, value in os.environ.items() if name.startswith('TORCH_')},
        installation=find_installation(),
        has_mim_folder=(Path(__file__).parents[1] / '.mim').is_dir(),
    )
