"""The error that ends a run without its pretrained weights."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from types import TracebackType


class PretrainedWeightsError(RuntimeError):
    """Pretrained weights cannot be had, or a file of them cannot be used.

    A script that does not catch it ends with the message alone, without a traceback: MMPose's
    training tool is not ours, so the first such error sets ``sys.excepthook``. A program without
    one keeps its hook, and every other error goes to the hook that was there before.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        if getattr(sys.excepthook, 'func', None) is not _print_uncaught:
            sys.excepthook = partial(_print_uncaught, sys.excepthook)


def _print_uncaught(
    previous: Callable[..., object],
    kind: type[BaseException],
    error: BaseException,
    traceback: TracebackType | None,
) -> None:
    """Print the message of our own error, and leave every other to the hook before."""
    if isinstance(error, PretrainedWeightsError):
        print(f'error: {error}', file=sys.stderr)
    else:
        previous(kind, error, traceback)
