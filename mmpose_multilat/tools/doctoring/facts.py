"""Facts about an installation, gathered without importing anything outside the standard library."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import sys
from pathlib import Path
from typing import Callable

from .environment import Environment
from .probing import run_probes

TRY_CHECKPOINT = """
import io, mmpose_multilat, torch
from mmengine.logging import HistoryBuffer
file = io.BytesIO()
torch.save(HistoryBuffer([1.0], [1]), file)
file.seek(0)
try:
    torch.load(file)
    details = dict(checkpoint_error=None)
except Exception as failure:
    details = dict(checkpoint_error=' '.join(str(failure).splitlines()[-3:]))
"""
"""Load what MMEngine's training checkpoints contain after importing this package."""

TRY_TORCH = """
import torch
gpu = torch.cuda.get_device_name(0) if torch.cuda.is_available() else None
details = dict(cuda=torch.version.cuda, gpu=gpu)
"""

PROBED = {
    'torch': TRY_TORCH,
    'torchvision': 'import torchvision',
    'numpy': 'import numpy',
    'cv2': 'import cv2',
    'scipy': 'import scipy.optimize, scipy.spatial',
    'matplotlib': 'import matplotlib.pyplot',
    'mmengine': 'import mmengine.runner',
    'mmcv': 'import mmcv',
    'mmcv.ops': 'import mmcv.ops',
    'mmdet': 'import mmdet.apis',
    'mmpose': 'import mmpose.datasets, mmpose.models, mmpose.evaluation',
    'xtcocotools': 'import xtcocotools.coco, xtcocotools.mask',
    'pkg_resources': 'import pkg_resources',
    'mim': 'import mim',
    'mmpose_multilat': TRY_CHECKPOINT,
}
"""Module -> Python code that imports it and may fill ``details``."""


def list_distributions() -> dict[str, str]:
    """Return normalised name -> version of everything that is installed."""
    found = {}
    for distribution in importlib.metadata.distributions():
        name = distribution.metadata['Name']
        if name:
            # What stands first on the path is what gets imported.
            found.setdefault(re.sub(r'[-_.]+', '-', name).lower(), distribution.version)
    return found


def find_installation() -> str:
    """Return how this package is installed: 'wheel', 'editable' or 'source' (not installed)."""
    try:
        origin = importlib.metadata.distribution('mmpose-multilat').read_text('direct_url.json')
    except importlib.metadata.PackageNotFoundError:
        return 'source'
    is_editable = json.loads(origin or '{}').get('dir_info', {}).get('editable', False)
    return 'editable' if is_editable else 'wheel'


def gather(time_limit: float, report: Callable[[int, int], None]) -> Environment:
    """Gather every fact about the running Python's installation; see :func:`run_probes`."""
    return Environment(
        python=sys.version_info[:3],
        distributions=list_distributions(),
        probes=run_probes(PROBED, time_limit, report),
        variables={name: value for name, value in os.environ.items() if name.startswith('TORCH_')},
        installation=find_installation(),
        has_mim_folder=(Path(__file__).parents[2] / '.mim').is_dir(),
    )
