"""The numbers of a test set as tables for people, in percent."""

from collections.abc import Mapping, Sequence
from typing import Optional

from .summary import FULL

MEANINGS = dict(
    ocular='the distance of the outer eye corners',
    pupil='the distance of the pupils',
    box_tight='the root of the area of the box around the true landmarks',
    box_side='the longer side of the face box',
    box_geometric='the root of the area of the face box',
    diagonal='the diagonal of the face box',
)

Results = Mapping[str, Mapping[str, float]]


def markdown_tables(results: Results, normalisers: Sequence[str]) -> str:
    """Write the numbers as Markdown: a table for each normaliser, a row for each subset.

    Args:
        results: Subset -> key -> fraction, as `evaluate` returns.
        normalisers: The normalisers to show.

    Returns:
        The tables, errors in percent; subsets without a face are named below them.
    """
    shown = {name: row for name, row in results.items() if row['faces'] or name == FULL}
    blocks = [_block(shown, normaliser) for normaliser in normalisers]
    empty = [name for name in results if name not in shown]
    if empty:
        blocks.append(f'Subsets without a face in this test (0 faces): {", ".join(empty)}.')
    return '\n\n'.join(blocks)


def align(rows: Sequence[Sequence[str]]) -> str:
    """Write a Markdown table whose columns also line up as plain text.

    Args:
        rows: Cells; the first row is the heading.

    Returns:
        Lines of the table; the first column is flushed left, the others right.
    """
    first, *others = [max(len(cell) for cell in column) for column in zip(*rows)]
    rule = ['-' * first, *('-' * (width - 1) + ':' for width in others)]
    lines = []
    for label, *cells in [rows[0], rule, *rows[1:]]:
        flushed = [cell.rjust(width) for cell, width in zip(cells, others)]
        lines.append(f'| {" | ".join([label.ljust(first), *flushed])} |')
    return '\n'.join(lines)


def _block(results: Results, normaliser: str) -> str:
    columns = _columns(results, normaliser)
    rows = [['subset', 'faces', *columns.values()]]
    for name, numbers in results.items():
        cells = [_cell(key, numbers.get(key)) for key in columns]
        rows.append([name, str(numbers['faces']), *cells])
    return f'Errors in % of {MEANINGS[normaliser]} ({normaliser}):\n{align(rows)}'


def _columns(results: Results, normaliser: str) -> dict[str, str]:
    """Keys that are about a normaliser -> heading; undefined faces only where there are any."""
    columns = {}
    for key in dict.fromkeys(key for numbers in results.values() for key in numbers):
        heading = _heading(key, normaliser)
        undefined = any(numbers.get(key) for numbers in results.values())
        if heading is not None and (heading != 'undefined' or undefined):
            columns[key] = heading
    return columns


def _heading(key: str, normaliser: str) -> Optional[str]:
    """`NME`, `NME micro`, `FR@0.10`, `P90` ...; None if a key is about another normaliser."""
    name, _, rest = key.partition(f'_{normaliser}')
    if name == key or '_' in name or (rest and rest[0] not in '_@'):
        return None
    return name + rest.replace('_', ' ', 1)


def _cell(key: str, value: Optional[float]) -> str:
    if value is None:
        return '-'
    return str(value) if key.startswith('undefined') else f'{100 * value:.2f}'
