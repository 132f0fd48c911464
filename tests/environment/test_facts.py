"""Imports are tried where they can do no harm, and facts are read from files and metadata."""

from __future__ import annotations

import re
import sys

import pytest

from mmpose_multilat.environment import facts
from mmpose_multilat.environment.facts import (
    gather,
    list_versions,
    release,
    try_imports,
)


def test_failures_are_told_and_the_next_modules_are_tried(tmp_path, monkeypatch) -> None:
    (tmp_path / 'noisy.py').write_text('print("a line"); answer = 42\n')
    (tmp_path / 'leaves.py').write_text('raise SystemExit(3)\n')
    monkeypatch.chdir(tmp_path)
    modules = {
        'noisy': 'noisy.answer',
        'absent': 'None',
        'leaves': 'None',
        'os.path': 'os.name',
        'json': 'json.none',
    }
    errors, answers = try_imports(modules, 60)
    assert errors == {
        'absent': "ModuleNotFoundError: No module named 'absent'",
        'leaves': 'SystemExit: 3',
        'json': "AttributeError: module 'json' has no attribute 'none'",
    }
    assert answers == {'noisy': 42, 'os.path': sys.modules['os'].name}


def test_a_crash_is_survived(tmp_path, monkeypatch) -> None:
    (tmp_path / 'crashes.py').write_text('import os; os.abort()\n')
    monkeypatch.chdir(tmp_path)
    errors, answers = try_imports({'json': '1', 'crashes': '2', 'csv': '3'}, 60)
    assert list(errors) == ['crashes']
    assert re.fullmatch(r'the process ended with status -?\d+ while importing', errors['crashes'])
    assert answers == {'json': 1}


def test_a_hanging_import_is_stopped(tmp_path, monkeypatch) -> None:
    (tmp_path / 'hangs.py').write_text('import threading; threading.Event().wait()\n')
    monkeypatch.chdir(tmp_path)
    errors, answers = try_imports({'hangs': 'None', 'csv': '3'}, 0.5)
    assert errors == {'hangs': 'no answer within 0.5 s'} and answers == {}


def test_versions_have_normalised_names() -> None:
    found = list_versions()
    assert found['pytest'] == pytest.__version__
    assert found['python'] == '.'.join(map(str, sys.version_info[:3]))
    assert 'opencv' in found
    assert all(re.fullmatch(r'[a-z0-9-]+', name) for name in found)


@pytest.mark.parametrize(
    ('version', 'like', 'expected'),
    [
        ('2.13.0+cpu', '2.1', (2, 13)),
        ('5.0.0.93', '4', (5,)),
        ('2', '1.26', (2,)),
        ('3', '3.1.4', (3,)),
    ],
)
def test_leading_numbers_of_a_version(version: str, like: str, expected: tuple) -> None:
    assert release(version, like) == expected


@pytest.mark.parametrize(('value', 'expected'), [('1', True), ('YES', True), ('0', False)])
def test_switched_off_protection_is_noticed(monkeypatch, value: str, expected: bool) -> None:
    monkeypatch.setenv('TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD', value)
    monkeypatch.setattr(facts, 'LIBRARIES', {})
    monkeypatch.setattr(facts, 'STACK', {'json': 'None'})
    assert gather(60).is_unprotected is expected


def test_facts_of_this_environment(monkeypatch) -> None:
    """Everything can be imported here, and every question has an answer."""
    monkeypatch.delenv('TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD', raising=False)
    facts = gather(300)
    assert facts.errors == {}
    assert facts.answers['mmpose_multilat'] == ''
    assert len(facts.answers['torch']) == 2
    assert isinstance(facts.answers['cv2'], bool)
    assert set(facts.stand_ins.values()) <= {'installed', 'stand-in', 'older stand-in'}
