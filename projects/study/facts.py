"""On what and with what a run was made."""

import os
import subprocess
from pathlib import Path
from typing import Optional


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0))


def commit(root: Path) -> Optional[str]:
    """Commit that is checked out, None without git."""
    return git(root, 'rev-parse', 'HEAD')


def changed_files(root: Path, apart: Path) -> list[str]:
    """Files of the commit that were changed since, none without git.

    Args:
        root: The checkout.
        apart: Folder in it whose files do not count, relative to it.
    """
    found = git(root, 'diff', '--name-only', 'HEAD', '--', '.', f':(exclude){apart.as_posix()}')
    return (found or '').splitlines()


def git(root: Path, *words: str) -> Optional[str]:
    """What git prints, None if it fails: it is not there, or this is no checkout."""
    try:
        done = subprocess.run(['git', *words], cwd=root, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()
