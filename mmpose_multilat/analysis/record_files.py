"""The JSON files that tools keep their measurements in."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from mmpose_multilat.errors import UserError
from mmpose_multilat.landmarks.whole_files import write_json

Record = TypeVar('Record')


def write_record(path: Path, kind: tuple[str, int], record: Any) -> None:
    """Write a file that begins with its format and version, all of it or nothing.

    Args:
        path: The file.
        kind: Its format and version.
        record: A dataclass.

    Raises:
        OSError: If it cannot be written.
    """
    write_json(path, dict(format=kind[0], version=kind[1], **asdict(record)))


def read_record(
    path: Path, kind: tuple[str, int], tool: str, build: Callable[[dict[str, Any]], Record]
) -> Record:
    """Read a file that begins with its format and version.

    Args:
        path: The file.
        kind: The format and version that are understood.
        tool: Name of the tool that writes such files.
        build: Makes the record of the rest of the content.

    Raises:
        UserError: If the file is something else or damaged.
    """
    try:
        content = json.loads(path.read_text(encoding='utf-8'))
        if (content.pop('format'), content.pop('version')) != kind:
            raise ValueError('other format or version')
        return build(content)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise UserError(
            f'{path} is no file of this release of {tool} ({type(error).__name__}: {error})'
        ) from error
