"""Values that come back from a table as they were."""

import csv
import math

import pytest

from mmpose_multilat.tools.command_line import UserError
from projects.study.csv_files import read_rows, write_rows

VALUES = (
    0.1 + 0.2, 1e-05, -0.0, 5e-324, 1.0, 3, 2**70, True, False, None, [3, 5], [], 'POPoS', '', '12',
    '1e5', 'true', 'null', 'a,b', '"', 'two\nlines', '± 1', '[]', '000123', 'NaN', ' ',
)  # fmt: skip


def test_values_come_back_with_their_type_and_their_digits(tmp_path):
    path = tmp_path / 'table.csv'
    write_rows(path, [dict(value=value, at=at) for at, value in enumerate(VALUES)], 'at')
    rows = read_rows(path)
    assert [row['at'] for row in rows] == list(range(len(VALUES)))
    assert [repr(row['value']) for row in rows] == [repr(value) for value in VALUES]
    write_rows(path, [dict(at=0, value=math.nan), dict(at=1, value=-math.inf)], 'at')
    assert [repr(row['value']) for row in read_rows(path)] == ['nan', '-inf']


def test_other_programs_read_numbers_and_words(tmp_path):
    path = tmp_path / 'table.csv'
    write_rows(path, [dict(run='a', nme=0.1), dict(run='b', tau=2.0)], 'run')
    assert path.read_text() == 'run,nme,tau\na,0.1,\nb,,2.0\n'
    with open(path, newline='') as file:
        assert next(csv.DictReader(file)) == dict(run='a', nme='0.1', tau='')


def test_columns_that_belong_together_stand_together(tmp_path):
    path = tmp_path / 'table.csv'
    rows = [{'loss.a': 1, 'nme': 2, 'run': 'x'}, {'run': 'y', 'nme': 2, 'other': 3, 'loss.b': 4}]
    write_rows(path, rows, 'run')
    assert path.read_text().splitlines()[0] == 'run,loss.a,loss.b,nme,other'
    write_rows(path, [], 'run')
    assert path.read_text() == 'run\n' and read_rows(path) == []


@pytest.mark.parametrize('line', ['<<<<<<< HEAD', 'a,1,2', 'a', ''])
def test_lines_of_other_lengths_are_refused(tmp_path, line):
    path = tmp_path / 'table.csv'
    path.write_text(f'run,nme\na,1\n{line}\nb,2\n')
    with pytest.raises(UserError, match=r'table.csv is damaged \(row 3 has \d cells, not 2\)'):
        read_rows(path)


def test_a_file_that_is_not_there_has_no_rows(tmp_path):
    assert read_rows(tmp_path / 'none.csv') == []
    (tmp_path / 'empty.csv').touch()
    assert read_rows(tmp_path / 'empty.csv') == []
