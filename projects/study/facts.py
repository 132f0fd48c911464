"""On what and with what a run was made."""

import os
import subprocess
from pathlib import Path
from typing import Optional

from mmpose_multilat.tools.command_line import UserError


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0))


def commit(root: Path, apart: Path, allow_changes: bool) -> Optional[str]:
    """The commit that is checked out, with '-dirty' if its files differ from it.

    Args:
        root: The checkout.
        apart: Folder in it whose files do not count, relative to it.
        allow_changes: Whether files may differ.

    Returns:
        The commit, None without git.

    Raises:
        UserError: If files differ and may not.
    """
    differing = git(root, 'diff', '--name-only', 'HEAD', '--', '.', f':(exclude){apart.as_posix()}')
    first, *others = (differing or '').splitlines() or [None]
    if first and not allow_changes:
        raise UserError(
            f'{first}{f" and {len(others)} more" if others else ""} changed since the last commit, '
            'so that nobody could repeat what is measured now: commit or stash the changes, or add '
            '--allow-changes, which every result will say'
        )
    head = git(root, 'rev-parse', 'HEAD')
    return f'{head}-dirty' if first else head


def git(root: Path, *words: str) -> Optional[str]:
    """What git prints, None if it fails: it is not there, or this is no checkout."""
    try:
        done = subprocess.run(['git', *words], cwd=root, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()
