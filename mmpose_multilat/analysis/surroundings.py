"""Where and when a benchmark was made."""

import contextlib
import datetime
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

from mmpose_multilat.version import __version__

VERSIONS = ('mmpose', 'mmengine', 'mmcv', 'mmcv-lite', 'torch', 'numpy', 'opencv-python')
"""Packages on which numbers and times depend."""

PROCESSOR_FACTS = Path('/proc/cpuinfo')
"""Where Linux names the processor."""


def processor_name() -> str:
    """The processor's name as far as the system tells it."""
    if PROCESSOR_FACTS.is_file():
        for line in PROCESSOR_FACTS.read_text(encoding='utf-8', errors='replace').splitlines():
            if line.startswith('model name'):
                return line.split(':', 1)[1].strip()
    return platform.processor() or platform.machine()


def hardware(device: str) -> dict[str, str]:
    """The machine: what the network ran on, processor, system, number of threads.

    Args:
        device: 'cpu', 'cuda:0' ...

    Returns:
        Facts by name.
    """
    on_gpu = device.startswith('cuda')
    return dict(
        device=torch.cuda.get_device_name(device) if on_gpu else f'CPU ({processor_name()})',
        processor=processor_name(),
        system=f'{platform.system()} {platform.machine()}',
        threads=str(torch.get_num_threads()),
    )


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that matter, as far as they are installed."""
    found = dict(python=platform.python_version(), mmpose_multilat=__version__)
    for name in VERSIONS:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def describe(device: str) -> dict[str, Any]:
    """When and where something is measured: `date`, `hardware`, `versions`.

    Args:
        device: 'cpu', 'cuda:0' ...
    """
    return dict(date=now(), hardware=hardware(device), versions=versions())


def now() -> str:
    """Date and time with the zone, to the second."""
    return datetime.datetime.now().astimezone().isoformat(timespec='seconds')
