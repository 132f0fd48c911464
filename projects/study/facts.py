"""On what and with what a run was made."""

import os
import subprocess
from pathlib import Path
from typing import Optional


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0))


def commit(root: Path) -> Optional[str]:
    """Commit that is checked out, with '-dirty' if files differ from it; None without git."""
    command = ['git', 'describe', '--always', '--dirty', '--abbrev=40', '--exclude=*']
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()
