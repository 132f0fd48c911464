"""Checks of prepared data sets: annotation files, pictures, and whether both fit together."""

from .data_set import Report, check_data_set
from .findings import KINDS, OUTSIDE, Finding
from .layouts import PREPARED, PreparedDataSet, PreparedFile

__all__ = [
    'KINDS',
    'OUTSIDE',
    'PREPARED',
    'Finding',
    'PreparedDataSet',
    'PreparedFile',
    'Report',
    'check_data_set',
]
