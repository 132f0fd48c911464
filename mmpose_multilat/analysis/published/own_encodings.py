"""Which numbers of `encode_decode` belong into which cell of a published table."""

import math
from collections.abc import Sequence
from pathlib import Path

from mmpose_multilat.analysis.encoding.records import Encoding, EncodingResult

from . import Table
from .own_results import OwnRow

KINDS = ('encoding', 'speed')
"""Kinds of tables that `encode_decode` can fill: errors without a network, and times."""

SAME = 5e-5
"""Half of the last digit that is printed: float32 in batches of another size differs by less."""


def encoding_rows(
    table: Table, encodings: Sequence[Encoding], decoders: Sequence[str] = ()
) -> list[OwnRow]:
    """Collect our rows for a table.

    Args:
        table: A published table.
        encodings: What `encode_decode` has measured.
        decoders: Labels of decoders to show; all by default.

    Returns:
        Rows with at least one number that belongs into the table: a row for each decoder,
        annotation file and normaliser, or for each decoder and circumstance of its time.
    """
    if table.kind not in KINDS:
        return []
    rows: dict[str, OwnRow] = {}
    for encoding in encodings:
        for row in _rows(table, encoding, decoders):
            if row.values:
                _merge(rows.setdefault(row.label, OwnRow(row.label)), row)
    return list(rows.values())


def _rows(table: Table, encoding: Encoding, decoders: Sequence[str]) -> list[OwnRow]:
    """What one file says of a table, perhaps rows without a number."""
    labels = [each for each in encoding.decoders if not decoders or each in decoders]
    if table.kind == 'speed':
        return [_time_row(table, encoding, label) for label in labels]
    if encoding.noise:
        return []
    return [
        _error_row(table, encoding, label, normaliser)
        for normaliser in encoding.normalisers
        for label in labels
    ]


def _merge(row: OwnRow, other: OwnRow) -> None:
    """Add what a row does not have yet; the same measurement may stand in several files."""
    for column, (value,) in other.values.items():
        kept = row.values.setdefault(column, [])
        if not any(math.isclose(value, each, abs_tol=SAME) for each in kept):
            kept.append(value)
    row.notes += [note for note in other.notes if note not in row.notes]


def noisy_left_out(table: Table, encodings: Sequence[Encoding]) -> list[str]:
    """Say of measurements with noise why they do not appear in a table of ideal heatmaps.

    Args:
        table: A published table.
        encodings: What `encode_decode` has measured.

    Returns:
        One sentence for each.
    """
    return [
        f'{each.annotations} with noise of {each.noise:g} is left out: the table is about ideal '
        'heatmaps.'
        for each in encodings
        if each.noise and table.kind == 'encoding'
    ]


def _error_row(table: Table, encoding: Encoding, decoder: str, normaliser: str) -> OwnRow:
    row = OwnRow(f'{decoder}, {Path(encoding.annotations).stem}, NME_{normaliser}')
    for column, result in _cells(table, encoding, decoder):
        value = result.metrics.get(f'NME_{normaliser}')
        if value is not None:
            row.values[column] = [value]
    undefined = encoding.results[0].metrics.get(f'undefined_{normaliser}', 0)
    row.notes.append(
        f'{encoding.faces - undefined} faces of {encoding.annotations}, sigma {encoding.sigma:g}, '
        f'{encoding.alignment} alignment'
    )
    if undefined:
        row.notes.append(
            f'{undefined} faces of {encoding.annotations} without a defined {normaliser} distance '
            'left out'
        )
    return row


def _time_row(table: Table, encoding: Encoding, decoder: str) -> OwnRow:
    faces = f'batches of {encoding.batch_size} face{"s" if encoding.batch_size > 1 else ""}'
    row = OwnRow(f'{decoder}, {encoding.landmarks} landmarks, {faces}')
    for column, result in _cells(table, encoding, decoder):
        if result.timing is not None:
            time = result.timing.ms_per_face
            kind = next(each.metric for each in table.columns if each.id == column)
            row.values[column] = [1000 / time if kind == 'decoding_fps' else time]
    hardware = encoding.hardware
    row.notes.append(
        f'not comparable: other hardware ({hardware["device"]}, {hardware["threads"]} thread(s), '
        f'{faces}); ideal heatmaps without a network'
    )
    return row


def _cells(table: Table, encoding: Encoding, decoder: str) -> list[tuple[str, EncodingResult]]:
    """Column -> result, where the decoder was measured at the column's heatmap size."""
    found = [
        (column.id, encoding.result(decoder, column.heatmap_size))
        for column in table.columns
        if column.heatmap_size
    ]
    return [(column, result) for column, result in found if result is not None]
