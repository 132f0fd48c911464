"""The folder of results, made and tried before anything long is calculated."""

import tempfile
from pathlib import Path

from .command_line import UserError


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
