"""Files that appear complete or not at all."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

PART = '.part'
"""End of the name of a file that is still being written."""


@contextmanager
def replacing(path: Path, flush: bool = False) -> Iterator[Path]:
    """Give a name beside a file to write to, which takes the place of the file when all went well.

    After an error inside there is no such file, and an existing one is as it was.

    Args:
        path: File to write; its folder exists.
        flush: Whether the new file is on the disk before it takes its place, so that a power cut
            leaves one of the two as well. Takes the time that the disk takes.

    Yields:
        The name to write to, other in every process.
    """
    part = part_of(path)
    try:
        yield part
        if flush:
            _flush(part, os.O_RDWR)
        os.replace(part, path)
        if flush:
            # The name, too; Windows opens no folders, and some network disks flush none.
            with suppress(OSError):
                _flush(path.parent, os.O_RDONLY)
    finally:
        part.unlink(missing_ok=True)


def write_whole(path: Path, text: str) -> None:
    """Write a text file that appears complete or not at all.

    Args:
        path: File to write. An existing file is replaced.
        text: Its content; ends of lines stay as they are.

    Raises:
        OSError: If the file cannot be written; an existing file is then as it was.
    """
    with replacing(path) as part, part.open('w', encoding='utf-8', newline='') as file:
        file.write(text)


def write_json(path: Path, content: Any) -> None:
    """Write what JSON can hold as `write_whole` does, one number a line so that changes are seen.

    Args:
        path: File to write. An existing file is replaced.
        content: What it holds.

    Raises:
        OSError: If the file cannot be written; an existing file is then as it was.
    """
    write_whole(path, json.dumps(content, indent=1) + '\n')


def part_of(path: Path) -> Path:
    """The name beside a file that this process writes to until the file is complete."""
    return path.with_name(f'{path.name}.{os.getpid()}{PART}')


def remove_parts(folder: Path, pattern: str) -> None:
    """Remove what processes left that were killed while they wrote; nobody else may write there.

    Args:
        folder: The folder, which need not exist.
        pattern: Names of the files that were to be written, for example '*.pth'.
    """
    for part in folder.glob(f'{pattern}.*{PART}'):
        part.unlink(missing_ok=True)


def _flush(path: Path, flags: int) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
