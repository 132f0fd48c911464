"""The tables of a folder of results, and the records of runs that they hold.

A record is a nested dict about one run, with its name under `run`. It is a row of `runs.csv`, where
a number inside dicts has a column like `nme.POPoS`. A list of dicts has rows of its own, in a table
that is called after its key. What many runs share is a row of `environments.csv`, by a key that the
row of the run has.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mmpose_multilat.landmarks.whole_files import remove_parts

from .csv_files import Row, damaged, read_rows, write_rows

Record = dict[str, Any]

RUN, RUNS = 'run', 'runs.csv'

ENVIRONMENT, ENVIRONMENTS = 'environment', 'environments.csv'

SHARED = ('hardware', 'versions')
"""What is written once for all runs that have the same."""

LETTERS = str.maketrans('0123456789', 'ghijklmnop')


def digest(value: Any) -> str:
    """A short key of a value that JSON can hold, the same for equal values.

    It consists of letters, so that nothing takes it for a number.
    """
    # JSON makes lists of tuples, and this 2.0 of 2.
    equal = json.loads(json.dumps(value), parse_int=float)
    text = json.dumps(equal, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12].translate(LETTERS)


def read_records(folder: Path) -> dict[str, Record]:
    """Read the tables of a folder.

    Args:
        folder: Folder of results; one without tables has no runs.

    Returns:
        Records by the name of the run; values that a run does not have are left out.

    Raises:
        UserError: If a file is damaged.
    """
    rows = read_rows(folder / RUNS)
    # What another process adds meanwhile is in the other tables first, see `add_records`.
    shared = {row.pop(ENVIRONMENT, None): nested(row) for row in read_rows(folder / ENVIRONMENTS)}
    records: dict[str, Record] = {}
    for number, record in enumerate(map(nested, rows), start=2):
        name, environment = record.get(RUN), record.pop(ENVIRONMENT, None)
        if name in (None, *records) or environment not in shared:
            raise damaged(folder / RUNS, f'row {number} has no name, no environment or is a copy')
        records[name] = {**record, **shared[environment]}
    for path in tables_in(folder):
        for row in read_rows(path):
            record = records.get(row.pop(RUN, None), {})
            record.setdefault(path.stem, []).append(row)
    return records


def tables_in(folder: Path) -> list[Path]:
    """The tables of what runs have measured many times."""
    return sorted(set(folder.glob('*.csv')) - {folder / RUNS, folder / ENVIRONMENTS})


def add_records(records: Iterable[Record], folder: Path) -> None:
    """Add runs to the tables of a folder; a run that is there already is replaced.

    `runs.csv` says which runs there are. It is replaced last, and as a whole: whatever happens, a
    new run is there with all that it has measured or not at all. Processes that add at the same
    time wait for one another.

    Args:
        records: Records of runs.
        folder: Folder of results; it is made.

    Raises:
        UserError: If a file that is there is damaged.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        remove_parts(folder, '*')
        added = {record[RUN]: record for record in records}
        write_records({**read_records(folder), **added}, folder)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Wait until no other process is in here for a folder, and keep others out."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def write_records(records: Mapping[str, Record], folder: Path) -> None:
    """Write all tables of a folder, sorted by run, see `add_records`."""
    runs, shared = [], {row[ENVIRONMENT]: row for row in read_rows(folder / ENVIRONMENTS)}
    tables: dict[str, list[Row]] = {path.stem: [] for path in tables_in(folder)}
    for name, record in sorted(records.items()):
        environment = {key: record[key] for key in SHARED if key in record}
        environment_key = digest(environment)
        shared[environment_key] = {ENVIRONMENT: environment_key, **flat(environment)}
        for key, value in record.items():
            if is_table(value):
                tables.setdefault(key, []).extend({RUN: name, **row} for row in value)
        own = {key: value for key, value in record.items() if key not in (*SHARED, *tables)}
        runs.append({**flat(own), ENVIRONMENT: environment_key})
    write_rows(folder / ENVIRONMENTS, [row for _, row in sorted(shared.items())], ENVIRONMENT)
    for key, rows in tables.items():
        write_rows(folder / f'{key}.csv', rows, RUN)
    write_rows(folder / RUNS, runs, RUN)


def is_table(value: Any) -> bool:
    """Whether a value is a list of rows; an empty list has none of them."""
    return isinstance(value, list) and all(isinstance(each, Mapping) for each in value)


def flat(record: Mapping[str, Any], path: str = '') -> Row:
    """The values of a nested dict by their keys, joined by dots."""
    row: Row = {}
    for key, value in record.items():
        if '.' in key:
            raise ValueError(f'{path}{key} cannot be a column: its name has a dot')
        inside = isinstance(value, Mapping)
        row.update(flat(value, f'{path}{key}.') if inside else {f'{path}{key}': value})
    return row


def nested(row: Row) -> Record:
    """The dict whose `flat` form is a row, without empty cells."""
    record: Record = {}
    for path, value in row.items():
        *parents, key = path.split('.')
        if value is not None:
            inner = record
            for parent in parents:
                inner = inner.setdefault(parent, {})
            inner[key] = value
    return record
