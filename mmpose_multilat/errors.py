"""Mistakes that the user can mend, and how the library names its arguments in their messages.

An argument stands between backticks: `device` for Python, which a command shows as --device.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


class UserError(ValueError):
    """A mistake that the user can mend; the message says how."""


class SettingsWarning(UserWarning):
    """Something in a config, checkpoint or file that works and may not be meant."""


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
        raise UserError(f'{what}: {one_line(error)}') from error


def one_line(error: Exception) -> str:
    """An error as a line."""
    # A KeyError would show its message in quotes.
    cause = error.args[0] if isinstance(error, KeyError) and error.args else error
    return f'{type(error).__name__}: {" ".join(str(cause).split())}'


@contextmanager
def blame_user(about: str = '') -> Iterator[None]:
    """Turn a `ValueError` of the library into a `UserError`: its message says what to change.

    Args:
        about: What the message is about, if it does not say that itself.

    Raises:
        UserError: In place of a `ValueError`, with the same message.
    """
    try:
        yield
    except ValueError as error:
        raise UserError(f'{about}: {error}' if about else str(error)) from error


@contextmanager
def extra(what: str) -> Iterator[None]:
    """Let what stands beside the results fail alone: it is named, and the work goes on.

    A drawing that cannot be made, of whatever reason, must not take numbers along that took hours.

    Args:
        what: What is left out after an error.
    """
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        print(f'{what} left out: {one_line(error)}', file=sys.stderr)
