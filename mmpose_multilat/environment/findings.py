"""What is wrong with an environment, and what mends it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

from .facts import LIBRARIES, Facts, release
from .remedies import DOCTOR, OPENMMLAB, OTHER_NAMES, install, reinstall
from .stand_in_files import STAND_INS

TESTED = {
    'python': ('3.10', '3.13'),
    'torch': ('2.1', '2.14'),
    'numpy': ('1.26', '2'),
    'opencv': ('4', '5'),
}
"""Oldest and newest version that the tests have passed with, to as many places as are given."""

FIRST_PROTECTED_TORCH = '2.6'
"""Earlier ones run code in checkpoints unless they are told not to."""


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing that is wrong (``is_note``: only worth knowing), and what mends it."""

    problem: str
    remedy: str
    is_note: bool = False


def examine_versions(facts: Facts) -> Iterator[Finding]:
    """Compare versions with :data:`TESTED`; what is newer may well work."""
    for name, (oldest, newest) in TESTED.items():
        version = facts.versions.get(name, newest)
        is_old = release(version, oldest) < release(oldest, oldest)
        if is_old or release(version, newest) > release(newest, newest):
            problem = f'{name} {version} is outside the tested range, {oldest} to {newest}.'
            limit = f'>={oldest}' if is_old else f'=={newest}.*'
            remedy = f'pip install "{OTHER_NAMES.get(name, name)}{limit}"'
            if name == 'python':
                remedy = 'python3.11 -m venv .venv && source .venv/bin/activate'
            yield Finding(problem, remedy, is_note=not is_old)


def examine_stand_ins(facts: Facts) -> Iterator[Finding]:
    """Find stand-ins of another version, and those that mmcv has left behind."""
    for module, (name, _) in STAND_INS.items():
        if facts.stand_ins.get(module) == 'older stand-in':
            yield Finding(f'the stand-in for {name} is of another version.', f'{DOCTOR} --fix')
    if facts.stand_ins.get('mmcv._ext') == 'left over':
        yield Finding(
            'mmcv has been uninstalled, and only the stand-in for its operators is left.',
            f'{DOCTOR} --undo && {install("mmcv", facts)}',
        )


def explain_missing(name: str, facts: Facts) -> Finding:
    """Explain that the package ``name``, or ``mmcv._ext``, is not there."""
    if name in STAND_INS:
        return Finding(f'{STAND_INS[name][0]} missing, a stand-in will do.', f'{DOCTOR} --fix')
    if name == 'mmdet':
        problem = 'mmdet is not installed; only face detectors of MMDetection need it.'
        return Finding(problem, install(name, facts), is_note=True)
    return Finding(f'{name} is not installed.', install(name, facts))


def explain_failure(module: str, error: str, facts: Facts) -> Finding:
    """Explain why a module cannot be imported that is there."""
    name = module.partition('.')[0]
    remedy = install(name, facts)
    if error.startswith('no answer'):
        remedy = f'{DOCTOR} --timeout 600'
    elif name == 'xtcocotools':
        remedy = f'pip uninstall -y xtcocotools && {DOCTOR} --fix'  # built for NumPy 1
    elif name == 'cv2':
        remedy = 'pip uninstall -y opencv-python && pip install opencv-python-headless'  # no libGL
    elif 'is used but incompatible' in error:
        remedy = reinstall(list(OPENMMLAB), facts)
    elif name in OPENMMLAB:
        remedy = reinstall([name], facts)
    elif name != 'torchvision':
        remedy = remedy.replace('install', 'install --force-reinstall', 1)
    return Finding(f'{module} cannot be imported: {error}', remedy)


def examine_imports(facts: Facts) -> Iterator[Finding]:
    """Report every missing module once, and failures that follow from no earlier one."""
    seen = {'mmcv'} if facts.stand_ins.get('mmcv._ext') == 'left over' else set()
    for module, error in facts.errors.items():
        found = re.search(r"No module named '([\w.]+)'", error)
        missing = found.group(1) if found else ''
        missing = missing if missing in STAND_INS else missing.partition('.')[0]
        is_independent = module in LIBRARIES and not seen & {'numpy', 'torch', 'pycocotools.mask'}
        if missing and missing not in seen:
            yield explain_missing(missing, facts)
        elif not missing and (is_independent or not seen):
            yield explain_failure(module, error, facts)
        seen.add(missing or module)


def examine_protection(facts: Facts) -> Iterator[Finding]:
    """Find ways for a checkpoint to run code, and MMEngine's own checkpoints refused."""
    fault = facts.answers.get('mmpose_multilat')
    first = FIRST_PROTECTED_TORCH
    if release(facts.versions.get('torch', first), first) < release(first, first):
        yield Finding(
            'this torch runs code that a checkpoint holds; load only files that you trust.',
            f'pip install "torch>={first}"',
            is_note=True,
        )
    elif facts.is_unprotected:
        name = 'TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD'
        yield Finding(f'{name} is set: code in a checkpoint is run.', f'unset {name}')
    elif fault:
        yield Finding(f'{fault}.', reinstall(['mmengine'], facts))
    if 'onedl-mmengine' in facts.versions:
        yield Finding(
            'onedl-mmengine stands in the place of mmengine: a program that does not import '
            'mmpose_multilat loads checkpoints with it that run code.',
            reinstall(['mmengine'], facts),
        )


def examine_limits(facts: Facts) -> Iterator[Finding]:
    """Mention what works in another way only."""
    if facts.answers.get('cv2') is False:
        yield Finding(
            'OpenCV 5 has no Haar cascades: `predict` does not find faces by itself.',
            'give it --boxes, --box whole or --detector-config, or pip install "opencv-python<5"',
            is_note=True,
        )
    if release(facts.versions.get('numpy', '0'), '2.4') >= (2, 4):
        yield Finding(
            "MMPose's visualizer cannot draw with NumPy 2.4 and later (`mim test --show-dir`).",
            'pip install "numpy<2.4"',
            is_note=True,
        )
    if not facts.is_wheel:
        yield Finding(
            '`mim run mmpose_multilat TOOL` does not find tools of an editable installation.',
            'use python -m mmpose_multilat.tools.TOOL',
            is_note=True,
        )


def examine(facts: Facts) -> list[Finding]:
    """Return everything that is found, problems before notes."""
    checks = (examine_versions, examine_stand_ins, examine_imports, examine_protection)
    findings = [finding for check in (*checks, examine_limits) for finding in check(facts)]
    return sorted(findings, key=lambda finding: finding.is_note)
