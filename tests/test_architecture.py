"""The arrows between the packages hold, and the rules notice when one does not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip('importlinter')

ROOT = Path(__file__).parents[1]
LIGHT = 'batches', 'drawings', 'images', 'onnx_network', 'tracking'
"""Modules of `inference` that a contract names."""

LINT = 'from importlinter.cli import lint_imports_command; lint_imports_command()'


def lint_imports(folder: Path) -> subprocess.CompletedProcess:
    """Run ``lint-imports`` on the package in ``folder`` with this project's contracts."""
    command = [sys.executable, '-c', LINT, '--config', str(ROOT / 'pyproject.toml'), '--no-cache']
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_contracts_hold() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert '4 kept, 0 broken' in done.stdout


@pytest.mark.parametrize(
    ('module', 'line', 'broken'),
    [
        ('multilateration/solver.py', 'import numpy', 'The method needs torch'),
        ('multilateration/solver.py', 'from mmpose_multilat import codecs', 'Tools use'),
        ('multilateration/solver.py', 'from mmpose_multilat import landmarks', 'Tools use'),
        ('landmarks/schemes.py', 'from mmpose_multilat import codecs', 'Tools use'),
        ('landmarks/schemes.py', 'import cv2', 'The ground floor'),
        ('codecs/decoder.py', 'from mmpose_multilat.models import head', 'Tools use'),
        ('models/head.py', 'import mmpose_multilat.tools', 'Tools use'),
        ('models/head.py', 'import mmpose_multilat.inference', 'Tools use'),
        ('inference/drawings.py', 'import mmpose_multilat.tools', 'Tools use'),
        ('inference/onnx_network.py', 'import torch', 'An exported network'),
    ],
)
def test_a_wrong_arrow_is_noticed(tmp_path: Path, module: str, line: str, broken: str) -> None:
    files = (
        'multilateration/solver.py',
        'landmarks/schemes.py',
        'codecs/decoder.py',
        'models/head.py',
        *(f'inference/{name}.py' for name in LIGHT),
        'tools/train.py',
    )
    for name in files:
        path = tmp_path / 'mmpose_multilat' / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'{line}\n' if name == module else '', encoding='utf-8')
        (path.parent / '__init__.py').touch()
    (tmp_path / 'mmpose_multilat' / '__init__.py').touch()
    done = lint_imports(tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert broken in done.stdout
    assert '3 kept, 1 broken' in done.stdout
