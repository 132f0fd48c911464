import re

import pytest

from mmpose_multilat.datasets.face.preparation.raw_data import RawDataError
from mmpose_multilat.datasets.face.preparation.text_files import (
    finite_number,
    read_lines,
    read_points,
)


def test_read_lines(tmp_path):
    path = tmp_path / 'list.txt'
    path.write_bytes('a b\r\n\n é c \n\n \n'.encode())
    assert read_lines(path) == ['a b', '', ' é c']


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (b'', 'list.txt: is empty'),
        (b' \n\n', 'list.txt: is empty'),
        ('first\nsecond\nthé\n'.encode('latin-1'), 'list.txt, line 3: is not UTF-8'),
        ('1 2\n'.encode('utf-16'), 'list.txt, line 1: is not UTF-8'),
    ],
)
def test_broken_text(tmp_path, content, message):
    path = tmp_path / 'list.txt'
    path.write_bytes(content)
    with pytest.raises(RawDataError, match=re.escape(message)):
        read_lines(path)


def test_missing_file(tmp_path):
    with pytest.raises(RawDataError, match=r'list\.txt: cannot be read \(No such file'):
        read_lines(tmp_path / 'list.txt')


def test_finite_number(tmp_path):
    assert finite_number('-1.5e2', tmp_path, 1) == -150
    for text in ('nan', 'inf', '1,5', '', '0x1'):
        with pytest.raises(
            RawDataError, match=re.escape(f'line 7, field x: {text!r} is no number')
        ):
            finite_number(text, tmp_path, 7, 'x')


def test_read_points(tmp_path):
    lines = ['head', '1 2', ' 3.5\t-4 ']
    assert read_points(lines, tmp_path, 1, 2) == [(1, 2), (3.5, -4)]
    with pytest.raises(RawDataError, match='line 3: ends after 2 of 3 points'):
        read_points(lines, tmp_path, 1, 3)


@pytest.mark.parametrize('text', ['1', '1 2 3', '', '{'])
def test_a_line_that_is_no_point(tmp_path, text):
    with pytest.raises(RawDataError, match='line 2: .* is not "x y" of point 1'):
        read_points(['1 2', text], tmp_path, 0, 2)


def test_a_coordinate_that_is_no_number(tmp_path):
    with pytest.raises(RawDataError, match="line 2, field y of point 1: 'y' is no number"):
        read_points(['1 2', '3 y'], tmp_path, 0, 2)
