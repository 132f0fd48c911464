"""Time and size of everything that is done with the output of a network."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from torch import Tensor

from mmpose_multilat.analysis import Subject, time_in_turns
from mmpose_multilat.analysis.benchmarking.decode_subjects import INPUT_SIZE, SIGMA, make_heatmaps
from mmpose_multilat.codecs import GaussianVector, KeyPosS, OneHot, TwoHot
from mmpose_multilat.models.layers import BandPooling
from projects.multilat.record import DEVICE

HEATMAPS, VECTORS, NETWORK = 'heatmaps', 'vectors', 'band pooling'

HEATMAP_DECODERS = {'one-hot': OneHot, 'two-hot': TwoHot, 'KeyPosS': KeyPosS}
VECTOR_DECODERS = ('quarter', 'exact')

MAXIMUM = 'maxima only'
"""The largest response and its index by the shortest way of PyTorch, no decoder."""

Work = tuple[str, str, int, Callable[[], Any]]
"""What is read, what is done with it, bytes that one face takes, and the work itself."""


@dataclass(frozen=True)
class Cost:
    """One piece of work on the output of a network.

    Attributes:
        size: Cells along a side of the heatmap, and in a vector.
        batch: Faces in a call.
        output: What is read: 'heatmaps' or 'vectors'; for 'band pooling' heatmaps, too.
        work: What is done.
        bytes_per_face: Size of the output for one face, float32.
        ms_per_face: Median time for one face.
        low: First quartile of that time.
        high: Third quartile.
        turns: Number of measurements.
    """

    size: int
    batch: int
    output: str
    work: str
    bytes_per_face: int
    ms_per_face: float
    low: float
    high: float
    turns: int


def work_on(heatmaps: Tensor) -> list[Work]:
    """Everything that is timed on (B, K, N, N) heatmaps."""
    faces, size = len(heatmaps), heatmaps.shape[-1]
    pooling = BandPooling()
    vectors = pooling(heatmaps)
    geometry = (INPUT_SIZE, INPUT_SIZE), (size, size), SIGMA
    large = heatmaps.nbytes // faces
    small = sum(each.nbytes for each in vectors) // faces
    readers = [
        (HEATMAPS, label, large, kind(*geometry), (heatmaps,))
        for label, kind in HEATMAP_DECODERS.items()
    ]
    readers += [
        (VECTORS, refine, small, GaussianVector(*geometry, refine=refine), vectors)
        for refine in VECTOR_DECODERS
    ]
    floors = [
        (HEATMAPS, MAXIMUM, large, partial(heatmaps.flatten(2).max, -1)),
        (VECTORS, MAXIMUM, small, lambda: [each.max(-1) for each in vectors]),
    ]
    return [
        *floors,
        *((*facts, partial(codec.batch_decode, *output)) for *facts, codec, output in readers),
        (NETWORK, 'part of the network', large, partial(pooling, heatmaps)),
    ]


def measure(
    size: int, batch: int, landmarks: int, turns: int, tick: Callable[[], Any]
) -> list[Cost]:
    """Time everything at one size.

    Args:
        size: Cells along a side of the heatmap.
        batch: Faces in a call.
        landmarks: Landmarks of a face.
        batch: Faces in a call.
        turns: Number of measurements.
        tick: Called after every turn.
    """
    work = work_on(make_heatmaps(batch, landmarks, size, DEVICE))
    subjects = [Subject(label, 'ours', call) for _, label, _, call in work]
    return [
        Cost(
            size,
            batch,
            output,
            label,
            number,
            timing.ms / batch,
            timing.low / batch,
            timing.high / batch,
            timing.turns,
        )
        for (output, label, number, _), timing in zip(work, time_in_turns(subjects, turns, tick))
    ]
