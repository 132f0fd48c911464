"""Work in several threads, in which OpenCV and PyTorch do not wait for one another."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import cv2
import torch

Answer = TypeVar('Answer')


def in_threads(
    work: Callable[[int], Answer], numbers: Sequence[int], workers: int
) -> Iterator[Answer]:
    """Do work on numbers; the answers come in their order."""
    pool = ThreadPoolExecutor(workers)
    try:
        with _one_thread_each():
            yield from pool.map(work, numbers)
    finally:
        pool.shutdown(cancel_futures=True)  # after Ctrl-C nothing more is begun


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Keep OpenCV and PyTorch from dividing the work of a thread once more."""
    of_opencv, of_torch = cv2.getNumThreads(), torch.get_num_threads()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(of_opencv)
        torch.set_num_threads(of_torch)
