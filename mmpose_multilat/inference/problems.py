"""What could not be used or believed: named at once, counted for the exit status."""

import sys
import warnings
from collections.abc import Callable

from mmpose_multilat.errors import SettingsWarning, UserError


def _print_to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


class Problems:
    """Count of what was skipped.

    Attributes:
        count: Number of skipped and doubtful things.
        show: Shows a line to the user; on the error stream at first.
    """

    def __init__(self) -> None:
        self.show: Callable[[str], None] = _print_to_stderr
        self.count = 0

    def skip(self, name: str, reason: str) -> None:
        """Report that something is skipped.

        Args:
            name: What is skipped, mostly a file.
            reason: Why.
        """
        self.count += 1
        self.show(f'skipped {name}: {reason}')

    def doubt(self, line: str) -> None:
        """Report a result that was written and cannot be believed."""
        self.count += 1
        self.show(f'doubtful: {line}')

    def note(self, line: str) -> None:
        """Tell what is worth knowing without being a reason to fail."""
        self.show(f'note: {line}')


class RaisedProblems(Problems):
    """Errors and warnings of a program, which asks for one thing and is to have it."""

    def skip(self, name: str, reason: str) -> None:
        """Raise what cannot be used.

        Raises:
            UserError: Always.
        """
        raise UserError(f'{name} {reason}')

    def doubt(self, line: str) -> None:
        """Warn of what cannot be believed."""
        self.note(line)

    def note(self, line: str) -> None:
        """Warn of what is worth knowing."""
        warnings.warn(line, SettingsWarning, stacklevel=2)
