"""Times that can be compared: warmed up, synchronised with the device, median of several."""

import math
import statistics
import time
from dataclasses import dataclass
from typing import Any, Callable

import torch
from mmengine.device import is_cuda_available
from torch import Tensor

REPEATS = 7
"""Measurements of which the median is reported; three of them may be disturbed."""

SECONDS_PER_MEASUREMENT = 0.1
"""Shorter work is repeated within one measurement, so that the clock's resolution is no matter."""


@dataclass(frozen=True)
class Timing:
    """Time of a piece of work.

    Attributes:
        ms_per_face: Median of all measurements, in ms for one face.
        fastest: Fastest measurement, in ms for one face.
        slowest: Slowest measurement, in ms for one face; far from the median on a busy machine.
        measurements: How many there were.
    """

    ms_per_face: float
    fastest: float
    slowest: float
    measurements: int


def measure_time(work: Callable[[], Any], faces: int) -> Timing:
    """Time a piece of work that handles several faces at once.

    Args:
        work: Called once to warm up and then again and again; work on a GPU is waited for.
        faces: How many faces a call handles.

    Returns:
        Its time.
    """
    _seconds(work, 1)
    calls = max(1, math.ceil(SECONDS_PER_MEASUREMENT / max(_seconds(work, 1), 1e-9)))
    measured = [1000 * _seconds(work, calls) / calls / faces for _ in range(REPEATS)]
    return Timing(statistics.median(measured), min(measured), max(measured), REPEATS)


def _seconds(work: Callable[[], Any], calls: int) -> float:
    """Seconds that some calls take together."""
    _wait_for_device()
    start = time.perf_counter()
    for _ in range(calls):
        work()
    _wait_for_device()
    return time.perf_counter() - start


def _wait_for_device() -> None:
    if is_cuda_available():
        torch.cuda.synchronize()


def decode_once(codec: Any, heatmaps: Tensor) -> None:
    """Decode (B, K, H, W) heatmaps to coordinates on the host, the way MMPose's heads do."""
    if codec.support_batch_decoding:
        codec.batch_decode(heatmaps)
        return
    for face in heatmaps:
        codec.decode(face.detach().cpu().numpy())
