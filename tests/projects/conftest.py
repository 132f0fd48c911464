"""What tests of studies share."""

import pytest

from projects.study import schedule
from projects.study.options import ANNOTATIONS


@pytest.fixture
def quick(monkeypatch):
    """Poll without waiting."""
    monkeypatch.setattr(schedule, 'SECONDS_BETWEEN_POLLS', 0.01)


@pytest.fixture
def ytf68(tmp_path):
    """A folder that looks like the data set's."""
    data = tmp_path / 'ytf68'
    (data / 'images').mkdir(parents=True)
    (data / 'annotations').mkdir()
    for name in ANNOTATIONS:
        (data / name).touch()
    return data
