"""Facts about the running Python's environment, gathered with the standard library only."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from . import stand_in_files

LIBRARIES = {
    'numpy': 'None',
    'torch': '[torch.version.cuda, torch.cuda.is_available() and torch.cuda.get_device_name()]',
    'torchvision': 'None',
    'cv2': 'hasattr(cv2, "CascadeClassifier")',
    'scipy.optimize': 'None',
    'matplotlib.pyplot': 'None',
    'pkg_resources': 'None',
    'pycocotools.mask': 'None',
    'xtcocotools.coco': 'None',
}
STACK = {
    'mmengine.runner': 'None',
    'mmcv.ops': 'None',
    'mmdet.apis': 'None',
    'mmpose.apis': 'None',
    'mim': 'None',
    'mmpose_multilat': 'mmpose_multilat.protection.find_fault()',
    'mmpose_multilat.models.pretrained': (
        'mmpose_multilat.models.pretrained.files_on_this_machine()'
    ),
}
"""Modules to import, causes before consequences -> what to ask each, an expression."""

IMPORTER = """
import json, sys
with open(sys.argv[1], 'w') as answers:
    for module, question in json.loads(sys.argv[2]).items():
        error = answer = None
        try:
            root = __import__(module)
            answer = eval(question, {module.partition('.')[0]: root})
        except BaseException as failure:
            error = ' '.join(f'{type(failure).__name__}: {failure}'.split())
        print(json.dumps([module, error, answer]), file=answers, flush=True)
"""

WEIGHTS = 'mmpose_multilat.models.pretrained'


@dataclass(frozen=True)
class Facts:
    """What there is to know about an environment, as plain data.

    Attributes:
        versions: 'python', 'opencv' (of whatever flavour) or a distribution -> version.
        errors: Module -> why it cannot be imported.
        answers: Module -> what it answered, see :data:`LIBRARIES`.
        stand_ins: Module -> what Python would import, see :func:`stand_in_files.state`.
        weights: Pretrained network -> local file, '' if there is none.
        is_unprotected: Whether torch's protection against code in checkpoints is switched off.
        is_wheel: Whether this package lies in site-packages, not in an editable or source tree.
    """

    versions: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    answers: dict[str, object] = field(default_factory=dict)
    stand_ins: dict[str, str] = field(default_factory=dict)
    weights: dict[str, str] = field(default_factory=dict)
    is_unprotected: bool = False
    is_wheel: bool = True


def release(version: str, like: str) -> tuple[int, ...]:
    """Return as many leading numbers of a version as ``like`` has."""
    return tuple(map(int, re.findall(r'\d+', version)[: len(like.split('.'))]))


def list_versions() -> dict[str, str]:
    """Return the versions of :class:`Facts`, under normalised names."""
    found = {'python': platform.python_version()}
    for distribution in importlib.metadata.distributions():
        name = re.sub(r'[-_.]+', '-', distribution.metadata['Name'] or '').lower()
        name = re.sub(r'^opencv(-contrib)?-python(-headless)?$', 'opencv', name)
        # What stands first on the path is what gets imported.
        found.setdefault(name, distribution.version)
    return found


def try_imports(modules: dict[str, str], time_limit: float) -> tuple[dict, dict]:
    """Import modules in another process, which may crash, or hang for ``time_limit`` seconds.

    Args:
        modules: Module -> what to ask it, an expression.
        time_limit: Seconds for all of them.

    Returns:
        Module -> why it cannot be imported (what comes after a crash was not tried), and module ->
        answer.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / 'answers'
        path.touch()
        command = [sys.executable, '-c', IMPORTER, str(path), json.dumps(modules)]
        quiet = {'stdout': subprocess.DEVNULL, 'stderr': subprocess.DEVNULL}
        try:
            status = subprocess.run(command, timeout=time_limit, check=False, **quiet).returncode
            ending = f'the process ended with status {status} while importing'
        except subprocess.TimeoutExpired:
            ending = f'no answer within {time_limit:g} s'
        told = [json.loads(line) for line in path.read_text(encoding='utf-8').splitlines()]
    errors = {module: error for module, error, _ in told if error}
    errors.update((module, ending) for module in list(modules)[len(told) :][:1])
    return errors, {module: answer for module, _, answer in told if answer is not None}


def gather(time_limit: float) -> Facts:
    """Gather every fact; see :func:`try_imports`."""
    errors, answers = try_imports({**LIBRARIES, **STACK}, time_limit)
    switch = os.environ.get('TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD', '')
    return Facts(
        versions=list_versions(),
        errors=errors,
        answers=answers,
        stand_ins={module: stand_in_files.state(module) for module in stand_in_files.TEMPLATES},
        weights=answers.get(WEIGHTS) or {},
        is_unprotected=switch.lower() in ('1', 'y', 'yes', 'true'),
        is_wheel=Path(__file__).resolve().parents[2].name in ('site-packages', 'dist-packages'),
    )
