"""On what and with what a run was made."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Optional

PACKAGES = ('torch', 'mmengine', 'mmcv', 'mmpose', 'mmpose-multilat')


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that decide about the results."""
    return dict(python=platform.python_version(), **{name: version(name) for name in PACKAGES})


def processor() -> str:
    """Model of the processor as the system names it."""
    path = Path('/proc/cpuinfo')
    lines = path.read_text().splitlines() if path.is_file() else []
    models = [line.split(':', 1)[1].strip() for line in lines if line.startswith('model name')]
    return models[0] if models else platform.processor() or platform.machine()


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
