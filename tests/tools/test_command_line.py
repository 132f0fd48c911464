import argparse

import pytest

from mmpose_multilat.tools.command_line import UserError, run_tool


def stop(error):
    def action(arguments):
        raise error

    return action


def test_success_is_zero():
    assert run_tool(lambda arguments: None, argparse.ArgumentParser(), []) == 0


def test_a_mistake_is_a_message_and_two(capsys):
    assert run_tool(stop(UserError('no such file')), argparse.ArgumentParser(), []) == 2
    assert capsys.readouterr().err == 'error: no such file\n'


def test_ctrl_c_is_130(capsys):
    assert run_tool(stop(KeyboardInterrupt()), argparse.ArgumentParser(), []) == 130


def test_a_programming_error_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        run_tool(stop(ZeroDivisionError()), argparse.ArgumentParser(), [])
