"""Files that appear complete or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a name beside a file to write to, which takes the place of the file when all went well.

    After an error inside there is no such file, and an existing one is as it was.

    Args:
        path: File to write; its folder exists.

    Yields:
        The name to write to, other in every process.
    """
    part = path.with_name(f'{path.name}.{os.getpid()}.part')
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
