"""Cells, tables and summaries."""

import pytest

from projects.study import tables
from projects.study.summary import Summary, summarise


@pytest.mark.parametrize(
    'values, expected',
    [
        ([], None),
        ([0.1], Summary(0.1, None, 1)),
        # Sample variance: (0.02^2 + 0.02^2) / 1.
        ([0.08, 0.12], Summary(0.1, pytest.approx(0.0008**0.5), 2)),
    ],
)
def test_summarise(values, expected):
    assert summarise(values) == expected


@pytest.mark.parametrize(
    'summary, text',
    [
        (None, 'not measured'),
        (Summary(0.1, None, 1), '10.00 (n = 1)'),
        (Summary(0.1, 0.005, 3), '10.00 ± 0.50 (n = 3)'),
    ],
)
def test_cell(summary, text):
    assert tables.cell(summary) == text


def test_cell_with_sign():
    assert tables.cell(Summary(0.1, 0.01, 2), digits=1, sign='+') == '+10.0 ± 1.0 (n = 2)'


def test_markdown():
    assert tables.markdown(['a', 'b'], [[1, 'x']]) == '| a | b |\n| --- | --- |\n| 1 | x |'
    assert tables.grid([16, 4]) == ['16x16', '4x4']
    assert [tables.format_value(value) for value in (1.0, 0.5, 'l2')] == ['1', '0.5', 'l2']
