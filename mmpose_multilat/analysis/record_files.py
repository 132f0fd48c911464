"""Reading the JSON files that tools keep their measurements in."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from mmpose_multilat.errors import UserError

Record = TypeVar('Record')


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
