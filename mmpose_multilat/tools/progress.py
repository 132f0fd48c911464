"""A line that says how far the work is."""

import sys
import time
from typing import Optional, TextIO

INTERVAL = 0.2
"""Seconds between two updates of the line; more often nobody can read it."""

BLANK = ' ' * 78


class Progress:
    """A count on the error stream, which leaves the output to results.

    Where the stream is no terminal only the last line is written.

    Args:
        what: What is counted, 'images' for example.
        total: How many there will be, None if not known.
        stream: Where to write; `sys.stderr` by default.

    Attributes:
        faces: Faces found so far.
    """

    def __init__(
        self, what: str, total: Optional[int] = None, stream: Optional[TextIO] = None
    ) -> None:
        self._what, self._total = what, total
        self._stream = sys.stderr if stream is None else stream
        self._count = 0
        self.faces = 0
        self._start = self._shown = time.monotonic()

    def step(self, faces: int = 0) -> None:
        """Count one more, with its faces."""
        self._count += 1
        self.faces += faces
        if self._stream.isatty() and time.monotonic() - self._shown > INTERVAL:
            self._shown = time.monotonic()
            self._write(f'\r{self.line():<78}')

    def message(self, line: str) -> None:
        """Write a line above the count."""
        self._write(f'\r{BLANK}\r{line}\n' if self._stream.isatty() else f'{line}\n')

    def close(self) -> None:
        """Write the last count."""
        self.message(self.line())

    def line(self) -> str:
        """The count, for example '12/40 images and frames, 3.1 a second, 9 s left'."""
        seconds = time.monotonic() - self._start
        rate = self._count / seconds if seconds > 0 else 0.0
        # A video's header may announce fewer frames than it has.
        known = self._total is not None and self._total >= self._count
        total = f'/{self._total}' if known else ''
        rest = self._total - self._count if known else 0
        left = f', {rest / rate:.0f} s left' if rest and rate else ''
        return f'{self._count}{total} {self._what}, {rate:.1f} a second{left}'

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
