"""Tables as CSV files: a row is a dict, and its values come back as they were, digit by digit."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mmpose_multilat.landmarks.whole_files import replacing
from mmpose_multilat.tools.command_line import UserError

Row = dict[str, Any]
"""Values by column: what JSON can hold, None for an empty cell."""


def read_rows(path: Path) -> list[Row]:
    """Read a table; a file that is not there has no rows.

    Raises:
        UserError: If a line has more or fewer cells than the first one.
    """
    if not path.is_file():
        return []
    with open(path, newline='', encoding='utf-8') as file:
        header, *lines = list(csv.reader(file)) or [[]]
    for number, line in enumerate(lines, start=2):
        if len(line) != len(header):
            raise damaged(path, f'row {number} has {len(line)} cells, not {len(header)}')
    return [dict(zip(header, map(value_of, line))) for line in lines]


def write_rows(path: Path, rows: Sequence[Row], first: str) -> None:
    """Write a table, completely or not at all.

    Args:
        path: The file; its folder exists.
        rows: The rows; a value that one lacks is an empty cell.
        first: The first column, which is there without rows, too.
    """
    columns = dict.fromkeys([first, *(column for row in rows for column in row)])
    # Those that one dict held stand side by side, whichever row brings them.
    heads = list(dict.fromkeys(head_of(column) for column in columns))
    header = sorted(columns, key=lambda column: heads.index(head_of(column)))
    lines = [[cell_of(row.get(column)) for column in header] for row in rows]
    with replacing(path, flush=True) as part, open(part, 'w', newline='', encoding='utf-8') as file:
        csv.writer(file, lineterminator='\n').writerows([header, *lines])


def head_of(column: str) -> str:
    """What stands before the first dot of a column's name."""
    return column.partition('.')[0]


def cell_of(value: Any) -> str:
    """The text of a value: JSON, but words stand as they are."""
    if value is None:
        return ''
    return value if isinstance(value, str) and value_of(value) == value else json.dumps(value)


def value_of(cell: str) -> Any:
    """The value of a text."""
    try:
        return json.loads(cell) if cell else None
    except ValueError:
        return cell


def damaged(path: Path, why: str) -> UserError:
    """An error that says what to do about a file."""
    return UserError(f'{path} is damaged ({why}): mend it or take it from git again')
