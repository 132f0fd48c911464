"""Put files that stand in for what is not installed into an environment, and take them out again.

Standard library only: the doctor needs it where nothing else can be imported.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import shutil
import sys
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

TEMPLATES = {'mmcv._ext': 'mmcv_ext.py', 'xtcocotools': 'xtcocotools.py'}
"""Module that may be missing -> file in mmpose_multilat/stand_ins that stands in for it."""

COMPANIONS = {'mmcv._ext': 'mmcv', 'xtcocotools': 'pycocotools'}
"""Module that may be missing -> package in whose folder, or beside which, its stand-in lies."""

STAND_INS = {
    'mmcv._ext': ('mmcv operators', 'nms only; landmark networks call no operator'),
    'xtcocotools': ('xtcocotools', 'pycocotools in its place; no whole-body or crowd evaluation'),
}
"""Module -> its name in the report, and what its stand-in is."""

MARK = 'written by mmpose-multilat'
"""Stands in the first line of every stand-in, of whatever version."""


def template(module: str) -> Path:
    """Return the file of this package that stands in for a module."""
    return Path(__file__).resolve().parents[1] / 'stand_ins' / TEMPLATES[module]


def find(package: str) -> ModuleSpec | None:
    """Find a top-level package without importing it, even if this process has imported it."""
    specs = (finder.find_spec(package, None) for finder in sys.meta_path)
    return next((spec for spec in specs if spec), None)


def has_companion(module: str) -> bool:
    """Tell whether the package is installed that a stand-in goes with, not just a folder of it."""
    companion = find(COMPANIONS[module])
    return companion is not None and companion.origin is not None


def target(module: str) -> Path | None:
    """Return where a stand-in belongs, None if there is no folder of what it goes with."""
    companion = find(COMPANIONS[module])
    if companion is None or not companion.submodule_search_locations:
        return None
    folder = Path(next(iter(companion.submodule_search_locations)))
    return folder / '_ext.py' if module == 'mmcv._ext' else folder.parent / f'{module}.py'


def provider(module: str) -> Path | None:
    """Return the file that Python would import as ``module``, None if there is none."""
    place = target(module)
    if module != 'mmcv._ext':
        spec = find(module)
    else:
        spec = PathFinder.find_spec(module, [str(place.parent)]) if place else None
    return Path(spec.origin) if spec and spec.origin else None


def is_ours(path: Path) -> bool:
    """Tell whether a file is a stand-in, of this or an earlier version of this package."""
    if path.suffix != '.py' or not path.is_file():
        return False
    with path.open(encoding='utf-8', errors='replace') as file:
        return MARK in file.readline()


def state(module: str) -> str:
    """Return what Python would import as ``module``.

    Returns:
        'missing' (nothing), 'installed' (what is meant, or a foreign file), 'stand-in', 'older
        stand-in' (of another version) or 'left over' (a stand-in whose companion is gone).
    """
    path = provider(module)
    if path is None:
        return 'missing'
    if not is_ours(path):
        return 'installed'
    if not has_companion(module):
        return 'left over'
    is_current = path.read_bytes() == template(module).read_bytes()
    return 'stand-in' if is_current else 'older stand-in'


def place(module: str) -> Path | None:
    """Write a stand-in where nothing or an older one is found; never over anything else.

    Returns:
        The file written, None if none was needed or the package that it goes with is not there.

    Raises:
        OSError: If it cannot be written.
    """
    if not has_companion(module) or state(module) not in ('missing', 'older stand-in'):
        return None
    path = provider(module) or target(module)
    shutil.copyfile(template(module), path)
    importlib.invalidate_caches()
    return path


def remove(module: str) -> list[Path]:
    """Remove a stand-in, what Python compiled from it, and what it alone keeps of a package.

    Returns:
        The files removed; foreign ones stay.

    Raises:
        OSError: If they cannot be removed.
    """
    found = {path for path in (target(module), provider(module)) if path and is_ours(path)}
    for path in found:
        path.unlink()
        compiled = Path(importlib.util.cache_from_source(str(path)))
        compiled.unlink(missing_ok=True)
        emptied = [compiled.parent]
        if not has_companion(module) and path.parent.name == COMPANIONS[module]:
            emptied.append(path.parent)
        for folder in emptied:
            with contextlib.suppress(OSError):  # It holds something, or is not there.
                folder.rmdir()
    importlib.invalidate_caches()
    return sorted(found)
