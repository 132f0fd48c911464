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
import sys
from collections.abc import Sequence
from pathlib import Path

if __package__:
    from mmpose_multilat.environment import facts, findings, report, stand_in_files
    from mmpose_multilat.environment.remedies import DOCTOR
else:  # `mim run` starts this file as a plain script, and importing the package could fail.
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from environment import facts, findings, report, stand_in_files
    from environment.remedies import DOCTOR

    del sys.path[0]


def change(is_removal: bool) -> bool:
    """Place the stand-ins that are needed, or remove them, and print each file.

    Returns:
        Whether all could be done.
    """
    is_done = True
    for module, (name, _) in stand_in_files.STAND_INS.items():
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
    about = facts.gather(parsed.timeout)
    found = findings.examine(about)
    problems = sum(not finding.is_note for finding in found)
    if parsed.json:
        listed = [dataclasses.asdict(finding) for finding in found]
        content = {
            'problems': problems,
            'findings': listed,
            'environment': dataclasses.asdict(about),
        }
        print(json.dumps(content, indent=2))
    else:
        print('\n'.join([*report.version_lines(about), '', *report.finding_lines(found)]))
    return int(problems > 0 or not is_done)


if __name__ == '__main__':
    sys.exit(main())
