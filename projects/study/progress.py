"""One line that says how far the study is."""

import shutil
import sys
import time
from collections.abc import Sequence
from typing import Optional, TextIO

from . import log
from .attempt import Attempt
from .estimate import Estimate, duration
from .run import Run

SECONDS_BETWEEN_LINES = 300
"""Where lines cannot be overwritten (a file, a pipe)."""


class Progress:
    """Shows runs done, runs under way with their epochs, and the time left.

    Args:
        total: Number of runs of the plan.
        done: How many of them have a result.
        estimate: Of the time that runs take.
        workers: How many runs at a time.
        stream: Where to print; the standard output by default.
    """

    def __init__(
        self,
        total: int,
        done: int,
        estimate: Estimate,
        workers: int,
        stream: Optional[TextIO] = None,
    ) -> None:
        self.total = total
        self.done = done
        self._estimate = estimate
        self._workers = workers
        self._stream = stream or sys.stdout
        self._begun = time.monotonic()
        self._last: tuple[list[str], float] = ([], -SECONDS_BETWEEN_LINES)
        self._length = 0

    def show(self, under_way: Sequence[Attempt], waiting: Sequence[Run]) -> None:
        """Print the line: over the last one on a terminal, else when something has changed."""
        names = [attempt.run.name for attempt in under_way]
        shown, at = self._last
        overwrite = self._stream.isatty()
        if not overwrite and names == shown and time.monotonic() - at < SECONDS_BETWEEN_LINES:
            return
        self._last = names, time.monotonic()
        text = self.line(under_way, waiting)
        if overwrite:
            # A line that wraps could not be overwritten.
            text = text[: shutil.get_terminal_size().columns - 1]
            self._stream.write(f'\r{text.ljust(self._length)}')
            self._length = len(text)
        else:
            self._stream.write(f'{text}\n')
        self._stream.flush()

    def say(self, text: str) -> None:
        """Print a message on a line of its own."""
        start = '\n' if self._length else ''
        self._length = 0
        self._stream.write(f'{start}{text}\n')
        self._stream.flush()

    def line(self, under_way: Sequence[Attempt], waiting: Sequence[Run]) -> str:
        """The text of the line."""
        epochs = [log.epochs_begun(attempt.training) for attempt in under_way]
        current = [
            f'{attempt.run.name} epoch {epoch}/{attempt.run.epochs}'
            for attempt, epoch in zip(under_way, epochs)
        ]
        seconds = [
            # The epoch that is under way counts half.
            self._estimate.of(attempt.run) * (1 - max(epoch - 0.5, 0) / attempt.run.epochs)
            for attempt, epoch in zip(under_way, epochs)
        ]
        left = self._estimate.left(waiting, seconds, self._workers)
        passed = time.monotonic() - self._begun
        return (
            f'[{self.done}/{self.total}] {duration(passed)} passed, about {duration(left)} left | '
            f'{", ".join(current) or "-"}'
        )
