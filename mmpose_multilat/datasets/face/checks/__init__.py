"""Checks of prepared datasets: annotation files, images, and whether both fit together."""

from .data_set import Report, check_data_set
from .findings import KINDS, OUTSIDE, Finding
from .required_fields import REQUIRED_FIELDS

__all__ = [
    'KINDS',
    'OUTSIDE',
    'REQUIRED_FIELDS',
    'Finding',
    'Report',
    'check_data_set',
]
