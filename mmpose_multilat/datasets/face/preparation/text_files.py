"""Reading the text files of raw releases, with errors that name file, line and field."""

import math
from pathlib import Path
from typing import Optional

from mmpose_multilat.datasets.face.preparation.raw_data import RawDataError


def read_lines(path: Path) -> list[str]:
    """Lines of a UTF-8 text file without their ends; blank lines at the end are left out.

    Raises:
        RawDataError: If the file is missing, unreadable, not UTF-8, or empty.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RawDataError(path, f'cannot be read ({error.strerror})') from error
    try:
        text = content.decode('utf-8')
    except UnicodeDecodeError as error:
        line = content.count(b'\n', 0, error.start) + 1
        raise RawDataError(path, f'is not UTF-8 text ({error.reason})', line=line) from error
    # Not str.splitlines, which also splits at characters that may stand in a name.
    lines = text.replace('\r\n', '\n').rstrip().split('\n')
    if lines == ['']:
        raise RawDataError(path, 'is empty')
    return lines


def finite_number(text: str, path: Path, line: int, field: Optional[str] = None) -> float:
    """The number that a text says.

    Raises:
        RawDataError: If it says none, or none that is finite.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise RawDataError(path, f'{text!r} is no number', line=line, field=field)
    return value


def read_points(lines: list[str], path: Path, first: int, count: int) -> list[tuple[float, float]]:
    """Points of lines `x y`.

    Args:
        lines: All lines of the file.
        path: The file.
        first: Index of the line of the first point, from 0.
        count: Number of points.

    Returns:
        `count` points (x, y) as the file has them.

    Raises:
        RawDataError: If there are fewer lines, or one does not hold two finite numbers.
    """
    points = []
    for index in range(first, first + count):
        if index >= len(lines):
            problem = f'ends after {len(points)} of {count} points'
            raise RawDataError(path, problem, line=len(lines))
        words, line = lines[index].split(), index + 1
        if len(words) != 2:
            problem = f'{lines[index]!r} is not "x y" of point {len(points)}'
            raise RawDataError(path, problem, line=line)
        x, y = (
            finite_number(word, path, line, f'{name} of point {len(points)}')
            for word, name in zip(words, 'xy')
        )
        points.append((x, y))
    return points
