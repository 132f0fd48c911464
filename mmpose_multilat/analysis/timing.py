"""Times that can be compared: warmed up, synchronised with the device, median of several."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils.benchmark import Timer

SECONDS = 0.7
"""Shortest time to measure in all."""

LONGEST_SECONDS = 2.0
"""When to stop although the measurements still scatter by more than a tenth."""


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
        work: Called once to warm up and then again and again; the present GPU is waited for.
        faces: How many faces a call handles.

    Returns:
        Its time.
    """
    work()
    timer = Timer('work()', globals=dict(work=work), num_threads=torch.get_num_threads())
    measured = timer.adaptive_autorange(min_run_time=SECONDS, max_run_time=LONGEST_SECONDS)
    times = [1000 * seconds / faces for seconds in measured.times]
    return Timing(1000 * measured.median / faces, min(times), max(times), len(times))


def decode_once(codec: Any, heatmaps: Tensor) -> None:
    """Decode (B, K, H, W) heatmaps to coordinates on the host, the way MMPose's heads do."""
    if codec.support_batch_decoding:
        codec.batch_decode(heatmaps)
        return
    for face in heatmaps:
        codec.decode(face.detach().cpu().numpy())
