"""What the command-line tools share: a user's mistake becomes a message and an exit status."""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Optional

USER_ERROR = 2
INTERRUPTED = 130  # 128 + SIGINT, as shells do


class UserError(Exception):
    """A mistake that the user can mend; the message says how."""


@contextmanager
def explain_errors(what: str) -> Iterator[None]:
    """Turn whatever is raised inside into a message: what failed, and its cause in one line.

    For what a config makes of itself: it may run any code and build any class, so that its mistakes
    end in any exception.

    Args:
        what: What could not be done.

    Raises:
        UserError: In place of any other exception.
    """
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        raise UserError(f'{what}: {_one_line(error)}') from error


def _one_line(error: Exception) -> str:
    """An error as a line."""
    # A KeyError would show its message in quotes.
    cause = error.args[0] if isinstance(error, KeyError) and error.args else error
    return f'{type(error).__name__}: {" ".join(str(cause).split())}'


@contextmanager
def extra(what: str) -> Iterator[None]:
    """Let what stands beside the results fail alone: it is named, and the tool goes on.

    A drawing that cannot be made, of whatever reason, must not take numbers along that took hours.

    Args:
        what: What is left out after an error.
    """
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        print(f'{what} left out: {_one_line(error)}', file=sys.stderr)


@contextmanager
def blame_user() -> Iterator[None]:
    """Turn a `ValueError` of the library into a `UserError`: its message says what to change.

    Raises:
        UserError: In place of a `ValueError`, with the same message.
    """
    try:
        yield
    except ValueError as error:
        raise UserError(str(error)) from error


def run_tool(
    action: Callable[[argparse.Namespace], None],
    parser: argparse.ArgumentParser,
    arguments: Optional[Sequence[str]] = None,
) -> int:
    """Parse the arguments, run the action, and translate its end into an exit status.

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
    try:
        action(parsed)
    except (UserError, OSError) as error:
        print(f'error: {error}', file=sys.stderr)
        return USER_ERROR
    except KeyboardInterrupt:
        print('interrupted', file=sys.stderr)
        return INTERRUPTED
    return 0
