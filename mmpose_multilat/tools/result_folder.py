"""The folder of results, tried before anything long is calculated."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

from mmpose_multilat.errors import UserError

NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.EBADF, errno.ENOSYS)
"""What disks answer that cannot lock a folder."""


def make_folder(folder: Path, option: str = '--out') -> Path:
    """Make a folder and try whether files can be written there.

    Args:
        folder: The folder; it may exist.
        option: What the user wrote it after, for messages.

    Returns:
        The folder.

    Raises:
        UserError: If it cannot be made, or nothing can be written there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f'{option} {folder} cannot be a folder: {error}') from error
    try:
        # Permissions alone do not tell: a superuser has them on a read-only disk, too.
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        raise UserError(
            f'{option} {folder} cannot be written to ({error.strerror}); choose another'
        ) from error


@contextmanager
def claimed(folder: Path, option: str = '--out') -> Iterator[None]:
    """Keep a folder for this process, so that no other one writes its results between them.

    The system knows of it, not a file: nothing is left, however the process ends. Where there are
    no such locks, on Windows and some network disks, nothing is kept.

    Args:
        folder: The folder; it exists.
        option: What the user wrote it after, for messages.

    Raises:
        UserError: If another process keeps it.
    """
    if fcntl is None:
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        _lock(descriptor, f'{option} {folder}')
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, name: str) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise UserError(
            f'another process is writing its results to {name}; wait for it, or choose another '
            'folder'
        ) from error
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise


def check_folder(folder: Path, option: str = '--out') -> None:
    """Try whether a folder could be made and written to, without making it.

    Args:
        folder: The folder; it may exist.
        option: What the user wrote it after, for messages.

    Raises:
        UserError: If it could not; the message names the nearest folder that exists.
    """
    make_folder(next(each for each in (folder, *folder.parents) if each.exists()), option)
