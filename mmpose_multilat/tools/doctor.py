"""Print versions and what stands in for what, and a remedy for everything that is wrong.

``python -m mmpose_multilat.tools.doctor`` or ``mim run mmpose_multilat doctor``. Works where
MMPose, mmcv or torch cannot be imported. ``--fix`` first writes up to two files into the
environment, in place of mmcv's compiled operators and of xtcocotools where these are missing;
``--undo`` removes them, and no other file.

Exit status: 0 all well (notes may be printed), 1 something needs a remedy or could not be done.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import re
import sys
from collections.abc import Iterator, Sequence

if __package__:
    from . import stand_in_files
    from .environment_facts import LIBRARIES, Facts, gather, release
    from .remedies import DOCTOR, OPENMMLAB, OTHER_NAMES, install, reinstall
else:  # `mim run` starts this file as a plain script, and importing the package could fail.
    import stand_in_files
    from environment_facts import LIBRARIES, Facts, gather, release
    from remedies import DOCTOR, OPENMMLAB, OTHER_NAMES, install, reinstall

TESTED = {
    'python': ('3.10', '3.13'),
    'torch': ('2.1', '2.14'),
    'numpy': ('1.26', '2'),
    'opencv': ('4', '5'),
}
"""Oldest and newest version that the tests have passed with, to as many places as are given."""

SHOWN = (
    *('python', 'torch', 'torchvision', 'numpy', 'opencv', 'mmengine', 'onedl-mmengine', 'mmcv'),
    *('mmcv-lite', 'mmdet', 'mmpose', 'openmim', 'pycocotools', 'xtcocotools', 'setuptools'),
    'mmpose-multilat',
)
STAND_INS = {
    'mmcv._ext': ('mmcv operators', 'nms only; landmark networks call no operator'),
    'xtcocotools': ('xtcocotools', 'pycocotools in its place; no whole-body or crowd evaluation'),
}
"""Module -> its name in the report, and what its stand-in is."""

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


def version_lines(facts: Facts) -> list[str]:
    """Return a line for each package, for each stand-in, and for pretrained weights."""
    rows = [(name, facts.versions[name], '') for name in SHOWN if name in facts.versions]
    if 'torch' in facts.answers:
        cuda, gpu = facts.answers['torch']
        rows.append(('device', f'CUDA {cuda}' if cuda else 'CPU', gpu or ''))
    for module, (name, what) in STAND_INS.items():
        state = facts.stand_ins.get(module, '-')
        rows.append((name, state, what if 'stand-in' in state else ''))
    for name, file in facts.weights.items():
        rows.append((f'weights {name.split("/")[-1]}', 'found' if file else '-', file))
    return [f'  {name:<21}{version:<18}{remark}'.rstrip() for name, version, remark in rows]


def finding_lines(findings: Sequence[Finding]) -> list[str]:
    """Return the numbered problems and notes, each with its remedy, and the count of problems."""
    lines = []
    for number, finding in enumerate(findings, start=1):
        kind = 'note' if finding.is_note else 'problem'
        lines += [f'{number}. {kind}: {finding.problem}', f'   remedy: {finding.remedy}']
    problems = sum(not finding.is_note for finding in findings)
    return [*lines, f'{problems or "no"} problem{"" if problems == 1 else "s"}']


def change(is_removal: bool) -> bool:
    """Place the stand-ins that are needed, or remove them, and print each file.

    Returns:
        Whether all could be done.
    """
    is_done = True
    for module, (name, _) in STAND_INS.items():
        try:
            if is_removal:
                files = [f'removed {path}' for path in stand_in_files.remove(module)]
            else:
                path = stand_in_files.place(module)
                files = [f'wrote {path} (undo: {DOCTOR} --undo)'] if path else []
        except OSError as error:
            files = [f'error: {error}. Is this environment yours? If not: python -m venv .venv']
            is_done = False
        print(f'{name}: {", ".join(files) or f"{stand_in_files.state(module)}, left as it is"}')
    return is_done


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog='doctor', description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    action = parser.add_mutually_exclusive_group()
    action.add_argument('--json', action='store_true', help='print facts and findings as JSON')
    action.add_argument('--fix', action='store_true', help='write stand-ins, then examine')
    action.add_argument('--undo', action='store_true', help='remove the stand-ins')
    parser.add_argument(
        '--timeout',
        type=float,
        default=120.0,
        metavar='SECONDS',
        help='for importing everything once, 10 on a fast machine (default: %(default)g)',
    )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Mend what --fix can, examine the environment, print the report, return the exit status."""
    parsed = parse_arguments(arguments)
    is_done = change(parsed.undo) if parsed.fix or parsed.undo else True
    if parsed.undo:
        return int(not is_done)
    if sys.stderr.isatty():
        print('importing everything once ...', file=sys.stderr)
    facts = gather(parsed.timeout)
    findings = examine(facts)
    problems = sum(not finding.is_note for finding in findings)
    if parsed.json:
        listed = [dataclasses.asdict(finding) for finding in findings]
        found = {'problems': problems, 'findings': listed, 'environment': dataclasses.asdict(facts)}
        print(json.dumps(found, indent=2))
    else:
        print('\n'.join([*version_lines(facts), '', *finding_lines(findings)]))
    return int(problems > 0 or not is_done)


if __name__ == '__main__':
    sys.exit(main())
