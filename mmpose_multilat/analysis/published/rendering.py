"""A published table with our rows below as Markdown."""

from collections.abc import Sequence
from typing import Optional

from mmpose_multilat.evaluation.tables import align

from . import PER_ROW_TITLES, Column, Row, Table
from .own_results import OwnRow

PUBLISHED, OURS = 'published', 'ours'
LETTERS = 'abcdefghijklmnopqrstuvwxyz'


class Footnotes:
    """Remarks below a table; the same remark gets the same letter."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def mark(self, text: Optional[str]) -> str:
        """The mark of a remark, nothing without one."""
        if not text:
            return ''
        if text not in self.texts:
            self.texts.append(text)
        return f' [{self._letter(self.texts.index(text))}]'

    @staticmethod
    def _letter(place: int) -> str:
        """a, b ... z, aa, ab ..."""
        first, last = divmod(place, len(LETTERS))
        return (LETTERS[first - 1] if first else '') + LETTERS[last]

    def lines(self) -> list[str]:
        """All remarks with their letters."""
        return [f'* [{self._letter(i)}] {text}' for i, text in enumerate(self.texts)]


def render(table: Table, own: Sequence[OwnRow], left_out: Sequence[str] = ()) -> str:
    """Write a table: published rows first, ours below, remarks at the end.

    Args:
        table: As published.
        own: Our rows.
        left_out: Sentences about results that do not belong into it.

    Returns:
        Markdown without a heading.
    """
    notes = Footnotes()
    header = [
        'source',
        'method',
        *(_title(column) + notes.mark(column.note) for column in table.columns),
    ]
    published = [_published_row(table, row, notes) for row in table.rows]
    ours = [_own_row(table, row, notes) for row in own]
    parts = [table.caption, align([header, *published, *ours])]
    below = notes.lines() + [f'* {remark}' for remark in table.remarks]
    below += [f'* {sentence}' for sentence in left_out]
    if not own:
        below.append(f'* {_absence(table)}')
    return '\n\n'.join([*parts, '\n'.join(below)])


def _absence(table: Table) -> str:
    if table.kind == 'encoding':
        return (
            'The tool `encode_decode` measures this without a network; give its --out by --results.'
        )
    if table.kind == 'other':
        return '`benchmark` measures nothing that belongs into this table.'
    return 'Not measured here yet: no result for this table was given by --results.'


def _title(column: Column) -> str:
    units = {'percent': ' (%)', 'fraction': ' (fraction)'}
    metric = column.metric if column.dataset and column.metric not in column.label else ''
    return ' '.join(each for each in (metric, column.label) if each) + units.get(column.unit, '')


def _published_row(table: Table, row: Row, notes: Footnotes) -> list[str]:
    cells = [
        _number(value) + notes.mark(row.notes.get(column.id))
        for column, value in zip(table.columns, row.values)
    ]
    normaliser = f', {PER_ROW_TITLES[row.normaliser]}' if row.normaliser else ''
    return [PUBLISHED, row.label + normaliser, *cells]


def _number(value: Optional[float]) -> str:
    """A number with the digits that are known, an empty cell stays empty."""
    return '' if value is None else str(value)


def _own_row(table: Table, row: OwnRow, notes: Footnotes) -> list[str]:
    mark = ''.join(notes.mark(note) for note in row.notes)
    cells = [
        ' / '.join(_own_number(value, column.unit) for value in row.values.get(column.id, []))
        for column in table.columns
    ]
    return [OURS, row.label, *(cell + mark if cell else '' for cell in cells)]


def _own_number(value: float, unit: str) -> str:
    """Two decimals, as the papers print; more where the values are small."""
    decimals = 4 if unit == 'fraction' else 3 if abs(value) < 1 and unit != 'percent' else 2
    return f'{value:.{decimals}f}'
