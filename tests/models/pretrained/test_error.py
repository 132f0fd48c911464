"""An uncaught error about weights is one message; every other stays as it is."""

import sys

import pytest

from mmpose_multilat.models import PretrainedWeightsError


@pytest.fixture
def others(monkeypatch):
    """What reaches the hook that was there before."""
    seen = []
    monkeypatch.setattr(sys, 'excepthook', lambda kind, error, traceback: seen.append(error))
    return seen


def test_message_is_all_that_is_printed(others, capsys):
    error = PretrainedWeightsError('no weights')
    sys.excepthook(PretrainedWeightsError, error, None)
    assert capsys.readouterr().err == 'error: no weights\n'
    assert not others


def test_other_errors_reach_the_hook_that_was_there(others, capsys):
    PretrainedWeightsError('no weights')
    error = RuntimeError('another')
    sys.excepthook(RuntimeError, error, None)
    assert others == [error]
    assert not capsys.readouterr().err


def test_hook_is_set_once(others):
    PretrainedWeightsError('no weights')
    hook = sys.excepthook
    PretrainedWeightsError('no weights')
    assert sys.excepthook is hook


def test_libraries_can_catch_it(others):
    with pytest.raises(RuntimeError, match='no weights'):
        raise PretrainedWeightsError('no weights')
