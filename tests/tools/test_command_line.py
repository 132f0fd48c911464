import argparse
import warnings

import pytest

from mmpose_multilat.errors import SettingsWarning
from mmpose_multilat.tools.command_line import (
    UserError,
    as_options,
    explain_errors,
    print_left_out,
    repeat,
    run_tool,
)


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


def test_the_action_is_given_the_words(monkeypatch):
    parser, seen = argparse.ArgumentParser(), []
    parser.add_argument('--size', type=int)
    monkeypatch.setattr('sys.argv', ['tool', '--size', '4'])
    for arguments in (['--size=8'], None):
        run_tool(lambda parsed: seen.append((parsed.size, parsed.words)), parser, arguments)
    assert seen == [(8, ['--size=8']), (4, ['--size', '4'])]


@pytest.mark.parametrize(
    'error, message',
    [
        (
            KeyError('Nope is not\n  known'),
            'the model cannot be built: KeyError: Nope is not known',
        ),
        (KeyError(), 'the model cannot be built: KeyError: '),
        (ValueError('sigma=0'), 'the model cannot be built: ValueError: sigma=0'),
        (UserError('already explained'), 'already explained'),
    ],
)
def test_errors_become_one_line_with_their_cause(error, message):
    with pytest.raises(UserError) as found, explain_errors('the model cannot be built'):
        raise error
    assert str(found.value) == message


def test_ctrl_c_is_no_error_to_explain():
    with pytest.raises(KeyboardInterrupt), explain_errors('the model cannot be built'):
        raise KeyboardInterrupt


def test_a_full_disk_is_a_message_and_two(capsys):
    error = OSError(28, 'No space left on device', 'x.json')
    assert run_tool(stop(error), argparse.ArgumentParser(), []) == 2
    assert capsys.readouterr().err == "error: [Errno 28] No space left on device: 'x.json'\n"


def test_arguments_of_the_library_are_shown_as_options(capsys):
    parser = argparse.ArgumentParser()
    parser.add_argument('--batch-size')
    error = UserError('`batch_size` 0 must be positive, unlike `rate`; see `doctor --fix`')
    assert run_tool(stop(error), parser, []) == 2
    said = 'error: --batch-size 0 must be positive, unlike `rate`; see `doctor --fix`\n'
    assert capsys.readouterr().err == said
    assert as_options('`a_b``a_b` a_b', ['a_b']) == '--a-b--a-b a_b'


def test_warnings_of_the_library_are_lines(capsys):
    def warn(arguments):
        for _ in range(2):
            warnings.warn('see `words`', SettingsWarning, stacklevel=1)
        with pytest.warns(DeprecationWarning, match='old'):
            warnings.warn('old', DeprecationWarning, stacklevel=1)

    assert run_tool(warn, argparse.ArgumentParser(), []) == 0
    assert capsys.readouterr().err == 2 * 'warning: see --words\n'
    with pytest.warns(SettingsWarning):
        warn(None)


def test_what_is_left_out_is_said(capsys):
    print_left_out({'DARK': 'too small', 'POPoS': 'too few cells'})
    assert capsys.readouterr().out == ('left out DARK: too small\nleft out POPoS: too few cells\n')


def test_command_can_be_repeated():
    words = ['config.py', '--cfg-options', 'a=(1, 2)']
    expected = "python -m mmpose_multilat.tools.benchmark config.py --cfg-options 'a=(1, 2)'"
    assert repeat('benchmark', words) == expected
