"""A folder that changes as a whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mmpose_multilat.landmarks import ANNOTATIONS

_PREFIX = '.preparing-'


@contextmanager
def staged(out: Path) -> Iterator[Path]:
    """A temporary folder whose files move to `out` when the block ends without an error.

    It stands on the file system of `out`, so that moving is renaming, and is always removed.

    Args:
        out: Folder that need not exist. Files of the same names in it are replaced, others stay.

    Yields:
        The empty temporary folder.
    """
    staging = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_existing(out)))
    try:
        yield staging
        _install(staging, out)
    finally:
        shutil.rmtree(staging)


def taken(staging: Path, out: Path) -> list[Path]:
    """Files in `out` that files of the staging folder would replace."""
    return [path for path in (out / name for name in _names(staging)) if os.path.lexists(path)]


def _existing(path: Path) -> Path:
    """The path itself or the nearest folder above it that exists."""
    path = path.absolute()
    while not path.exists():
        path = path.parent
    return path


def _names(staging: Path) -> list[Path]:
    """Relative paths of the staged files, annotations last."""
    files = [path for path in staging.rglob('*') if path.is_symlink() or not path.is_dir()]
    return sorted(
        (path.relative_to(staging) for path in files),
        key=lambda name: (name.parts[0] == ANNOTATIONS, name),
    )


def _install(staging: Path, out: Path) -> None:
    """Move all staged files; if one cannot be moved, undo the others."""
    undo: list[tuple[Path, Path]] = []
    made: list[Path] = []
    replaced = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=staging.parent))
    try:
        for name in _names(staging):
            _make_folder((out / name).parent, made)
            if os.path.lexists(out / name):
                (replaced / name).parent.mkdir(parents=True, exist_ok=True)
                _move(out / name, replaced / name, undo)
            _move(staging / name, out / name, undo)
    except BaseException:
        for source, target in reversed(undo):
            os.replace(target, source)
        for folder in reversed(made):
            folder.rmdir()
        shutil.rmtree(replaced)
        raise
    shutil.rmtree(replaced)


def _make_folder(folder: Path, made: list[Path]) -> None:
    """Make a folder and those above it, and note the new ones."""
    if not folder.is_dir():
        _make_folder(folder.parent, made)
        folder.mkdir()
        made.append(folder)


def _move(source: Path, target: Path, undo: list[tuple[Path, Path]]) -> None:
    os.replace(source, target)
    undo.append((source, target))
