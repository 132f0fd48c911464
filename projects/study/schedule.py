"""Go through the runs, several at a time; one that fails does not stop the others."""

import signal
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Optional

from mmpose_multilat.tools.command_line import UserError

from .attempt import Attempt, BusyError, tail
from .run import Run

TAIL_LINES = 20

SECONDS_BETWEEN_POLLS = 1.0


@dataclass(frozen=True)
class Failure:
    """A run without a result, and why."""

    run: Run
    reason: str


def run_all(
    runs: Sequence[Run],
    workers: int,
    start: Callable[[Run], Optional[Attempt]],
    finish: Callable[[Attempt], None],
    fail: Callable[[Failure], None],
    show: Callable[[Sequence[Attempt], Sequence[Run]], None],
) -> list[Failure]:
    """Start the runs in their order and finish each when it has ended.

    Args:
        runs: The runs.
        workers: How many at a time.
        start: Begins a run; None if there is nothing to do.
        finish: Called after a run has succeeded: keeps its results.
        fail: Called when a run has failed.
        show: Called now and then with the runs under way and those that wait.

    Returns:
        The runs that failed. Ctrl-C or an error ends those under way before it goes on.
    """
    waiting, under_way, failures = deque(runs), [], []

    def note(failure: Failure) -> None:
        failures.append(failure)
        fail(failure)

    try:
        with sigterm_as_interrupt():
            while waiting or under_way:
                if waiting and len(under_way) < workers:
                    begin(waiting.popleft(), start, under_way, note)
                    continue
                show(under_way, list(waiting))
                time.sleep(SECONDS_BETWEEN_POLLS)
                for attempt in list(under_way):
                    status = attempt.poll()
                    if status is not None:
                        under_way.remove(attempt)
                        conclude(attempt, status, finish, note)
    finally:
        for attempt in under_way:
            attempt.stop()
    return failures


def begin(
    run: Run,
    start: Callable[[Run], Optional[Attempt]],
    under_way: list[Attempt],
    fail: Callable[[Failure], None],
) -> None:
    """Start a run and put it among those under way."""
    try:
        attempt = start(run)
    except (BusyError, UserError) as error:
        fail(Failure(run, str(error)))
        return
    if attempt is not None:
        under_way.append(attempt)


def conclude(
    attempt: Attempt,
    status: int,
    finish: Callable[[Attempt], None],
    fail: Callable[[Failure], None],
) -> None:
    """Keep the results of a run that has ended, or say why there are none."""
    if status != 0:
        how = f'signal {-status}' if status < 0 else f'exit status {status}'
        reason = f'{how}; the end of its output:\n{tail(attempt.folder, TAIL_LINES)}'
        fail(Failure(attempt.run, reason))
        return
    try:
        finish(attempt)
    except (OSError, ValueError, KeyError, UserError) as error:
        fail(Failure(attempt.run, f'its results cannot be kept: {error!r}'))


@contextmanager
def sigterm_as_interrupt() -> Iterator[None]:
    """Let a request to end (kill, a batch system) stop the study like Ctrl-C."""

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)
