"""Print the versions of everything that this package needs, and a remedy for each known trap.

``python -m mmpose_multilat.tools.doctor`` or ``mim run mmpose_multilat doctor``. Works where
MMPose, mmcv or torch cannot be imported. Exit status: 0 all well (notes may be printed), 1
something needs a remedy.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Sequence

if __package__:
    from .doctoring.environment import Environment, Probe
    from .doctoring.examination import examine
    from .doctoring.facts import gather
    from .doctoring.findings import Finding
    from .doctoring.library_checks import OPENCV_FLAVOURS
else:  # `mim run` starts this file as a plain script, and importing the package could fail.
    from doctoring.environment import Environment, Probe
    from doctoring.examination import examine
    from doctoring.facts import gather
    from doctoring.findings import Finding
    from doctoring.library_checks import OPENCV_FLAVOURS

DEFAULT_TIME_LIMIT = 60.0
"""Seconds for one import: a slow disk takes 20 for torch, a hanging import never ends."""

LISTED = (
    'torch',
    'torchvision',
    'numpy',
    *OPENCV_FLAVOURS,
    'scipy',
    'matplotlib',
    'mmengine',
    'mmcv',
    'mmcv-lite',
)
LISTED += ('mmdet', 'mmpose', 'xtcocotools', 'setuptools', 'openmim', 'mmpose-multilat')
ONLY_IF_INSTALLED = (*OPENCV_FLAVOURS[1:], 'mmcv-lite')


def describe(environment: Environment, distribution: str) -> str:
    """Return what is worth knowing about a distribution besides its version, '' if nothing."""
    details = environment.probes.get(distribution, Probe()).details
    if distribution == 'torch' and not environment.error('torch'):
        return (
            f'CUDA {details["cuda"]}, {details["gpu"] or "no GPU"}'
            if details.get('cuda')
            else 'CPU'
        )
    if distribution in ('mmcv', 'mmcv-lite'):
        return 'without operators' if environment.error('mmcv.ops') else 'with operators'
    if distribution == 'setuptools':
        return (
            'without pkg_resources' if environment.error('pkg_resources') else 'with pkg_resources'
        )
    if distribution == 'mmpose-multilat':
        folder = 'with' if environment.has_mim_folder else 'without'
        return f'{environment.installation}, {folder} .mim'
    return ''


def version_lines(environment: Environment) -> list[str]:
    """Return one line per package: name, version, remarks."""
    rows = [('Python', '.'.join(map(str, environment.python)), '')]
    for name in LISTED:
        if name in environment.distributions or name not in ONLY_IF_INSTALLED:
            rows.append(
                (name, environment.distributions.get(name, '-'), describe(environment, name))
            )
    return [f'  {name:<24}{version:<16}{remark}'.rstrip() for name, version, remark in rows]


def finding_lines(findings: Sequence[Finding]) -> list[str]:
    """Return the numbered problems and notes, each with its remedy, and the count of problems."""
    lines = []
    for number, finding in enumerate(findings, start=1):
        kind = 'note' if finding.is_note else 'problem'
        lines += [f'{number}. {kind}: {finding.problem}', f'   remedy: {finding.remedy}']
    problems = sum(not finding.is_note for finding in findings)
    return [*lines, f'{problems or "no"} problem{"" if problems == 1 else "s"}']


def as_json(environment: Environment, findings: Sequence[Finding]) -> str:
    """Return facts and findings as a JSON object."""
    return json.dumps(
        {
            'problems': sum(not finding.is_note for finding in findings),
            'findings': [dataclasses.asdict(finding) for finding in findings],
            'environment': dataclasses.asdict(environment),
        },
        indent=2,
    )


def show_progress(done: int, total: int) -> None:
    """Write how many modules have been tried to a terminal; nothing into a file."""
    if sys.stderr.isatty():
        end = '\r' + ' ' * 40 + '\r' if done == total else ''
        print(f'\rimporting: {done} of {total} modules', end=end, file=sys.stderr, flush=True)


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog='doctor', description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        '--json', action='store_true', help='print facts and findings as a JSON object'
    )
    parser.add_argument(
        '--timeout',
        type=float,
        default=DEFAULT_TIME_LIMIT,
        metavar='SECONDS',
        help='seconds after which an import counts as hanging (default: %(default)g)',
    )
    parsed = parser.parse_args(arguments)
    if not parsed.timeout > 0:
        parser.error(f'--timeout must be more than 0 seconds, got {parsed.timeout:g}')
    return parsed


def main(arguments: Sequence[str] | None = None) -> int:
    """Examine the installation, print the report and return the exit status."""
    parsed = parse_arguments(arguments)
    environment = gather(parsed.timeout, show_progress)
    findings = examine(environment)
    if parsed.json:
        print(as_json(environment, findings))
    else:
        print('\n'.join([*version_lines(environment), '', *finding_lines(findings)]))
    return int(any(not finding.is_note for finding in findings))


if __name__ == '__main__':
    sys.exit(main())
