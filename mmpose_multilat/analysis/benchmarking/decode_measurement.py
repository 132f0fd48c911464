"""Time and memory of decoding and encoding, as `benchmark_decode` measures them."""

from collections.abc import Callable
from typing import Any

from mmpose_multilat.analysis.memory import peak_memory
from mmpose_multilat.analysis.turns import time_in_turns

from .decode_results import DecodeResult, EncodeResult
from .decode_subjects import REFERENCE, decode_subjects, encode_subjects, make_heatmaps


def measure_decoding(
    size: int, batch: int, landmarks: int, device: str, turns: int, tick: Callable[[], Any]
) -> list[DecodeResult]:
    """Time and memory of all decoders on one set of heatmaps.

    Args:
        size: Side of the heatmaps in cells.
        batch: Faces in a call.
        landmarks: Landmarks of a face.
        device: Where the heatmaps lie.
        turns: Number of measurements of each decoder.
        tick: Called after every turn, and once more at the end.
    """
    heatmaps = make_heatmaps(batch, landmarks, size, device)
    subjects = decode_subjects(heatmaps)
    timings = time_in_turns(subjects, turns, tick)
    reference = next(t.ms for s, t in zip(subjects, timings) if s.label == REFERENCE)
    memory = [peak_memory(subject, device) / heatmaps.nbytes for subject in subjects]
    tick()
    return [
        DecodeResult(
            subject.label,
            subject.kind,
            size,
            batch,
            timing.ms / batch,
            timing.low / batch,
            timing.high / batch,
            timing.turns,
            timing.ms / reference,
            extra,
        )
        for subject, timing, extra in zip(subjects, timings, memory)
    ]


def measure_encoding(size: int, landmarks: int, turns: int) -> list[EncodeResult]:
    """Time of encoding a face on the CPU, biased and unbiased.

    Args:
        size: Side of the heatmaps in cells.
        landmarks: Landmarks of the face.
        turns: Number of measurements.
    """
    subjects = encode_subjects(landmarks, size)
    ms = [each.ms for each in time_in_turns(subjects, turns, lambda: None)]
    half = len(subjects) // 2
    return [
        EncodeResult(subject.label, size, ours, stock, stock / ours)
        for subject, ours, stock in zip(subjects, ms[:half], ms[half:])
    ]
