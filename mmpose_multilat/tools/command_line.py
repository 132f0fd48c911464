"""What the command-line tools share: a user's mistake becomes a message and an exit status."""

import argparse
import re
import shlex
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Optional

from mmpose_multilat.errors import (
    SettingsWarning,
    UserError,
    blame_user,
    explain_errors,
    extra,
)

__all__ = [
    'INTERRUPTED',
    'USER_ERROR',
    'UserError',
    'blame_user',
    'check_least',
    'explain_errors',
    'extra',
    'option',
    'print_left_out',
    'repeat',
    'run_tool',
    'tell_left_out',
]

USER_ERROR = 2
INTERRUPTED = 130  # 128 + SIGINT, as shells do


def run_tool(
    action: Callable[[argparse.Namespace], None],
    parser: argparse.ArgumentParser,
    arguments: Optional[Sequence[str]] = None,
) -> int:
    """Parse the arguments, run the action, and translate its end into an exit status.

    Messages of the library name its arguments, shown are the options of the command line.

    Args:
        action: What the tool does, given what was parsed; in `words` are the words themselves.
        parser: Its command line.
        arguments: The words after the tool's name; those of the process by default.

    Returns:
        0 when all went well, 2 after a `UserError` or an `OSError` such as a full disk, 130 after
        Ctrl-C.
    """
    words = sys.argv[1:] if arguments is None else arguments
    parsed = parser.parse_args(words, argparse.Namespace(words=list(words)))
    options = set(vars(parsed))
    try:
        with _shown_warnings(options):
            action(parsed)
    except (UserError, OSError) as error:
        print(f'error: {as_options(str(error), options)}', file=sys.stderr)
        return USER_ERROR
    except KeyboardInterrupt:
        print('interrupted', file=sys.stderr)
        return INTERRUPTED
    return 0


def tell_left_out(names: str) -> None:
    """Print one line on the error stream if steps of a test pipeline are left out.

    Args:
        names: Of the steps, '' for none.
    """
    if names:
        print(f'note: for training only, left out of the test pipeline: {names}', file=sys.stderr)


def repeat(tool: str, words: Sequence[str]) -> str:
    """The command that repeats a run of a tool with the words after its name."""
    return shlex.join(['python', '-m', f'mmpose_multilat.tools.{tool}', *words])


def check_least(arguments: argparse.Namespace, **least: int) -> None:
    """Refuse numbers that are too low.

    Args:
        arguments: What was parsed; None, where an option is not given, is never too low.
        least: Name of an argument, a number or several -> the least that it may be.

    Raises:
        UserError: Naming the option.
    """
    for name, lowest in least.items():
        given = getattr(arguments, name)
        for number in given if isinstance(given, (list, tuple)) else [given]:
            if number is not None and number < lowest:
                raise UserError(f'{option(name)} {number} must be at least {lowest}')


def option(name: str) -> str:
    """How an argument is written on the command line: `batch_size` as --batch-size."""
    return '--' + name.replace('_', '-')


def print_left_out(reasons: Mapping[str, str]) -> None:
    """Say which decoders do not take part and why, a line each."""
    for label, reason in reasons.items():
        print(f'left out {label}: {reason}')


def as_options(text: str, options: Iterable[str]) -> str:
    """Write the arguments of the library in a message as options: `batch_size` as --batch-size.

    Args:
        text: The message.
        options: Names that are options; others stay as they are.
    """
    known = set(options)

    def shown(found: re.Match) -> str:
        return option(found[1]) if found[1] in known else found[0]

    return re.sub(r'`(\w+)`', shown, text)


@contextmanager
def _shown_warnings(options: Iterable[str]) -> Iterator[None]:
    """Print warnings of the library as lines on the error stream; others are shown as ever."""
    show = warnings.showwarning

    def show_line(message: Any, category: type[Warning], *place: Any, **others: Any) -> None:
        if issubclass(category, SettingsWarning):
            print(f'warning: {as_options(str(message), options)}', file=sys.stderr)
        else:
            show(message, category, *place, **others)

    with warnings.catch_warnings():
        warnings.simplefilter('always', SettingsWarning)
        warnings.showwarning = show_line
        yield
