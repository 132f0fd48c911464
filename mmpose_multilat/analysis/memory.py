"""The memory that a piece of work takes beside its input."""

import json
import os
import tempfile
import tracemalloc
from pathlib import Path

import torch
from torch.profiler import ProfilerActivity, profile

from .turns import Subject

NO_LOG = '99'
"""Above all levels of the profiler's log, which would write between the lines of the progress."""


def peak_memory(subject: Subject, device: str) -> int:
    """Most bytes that a piece of work holds at once beside what it is given.

    Args:
        subject: The work; memory of PyTorch is counted, for 'stock' subjects that of NumPy.
        device: Where it works.

    Returns:
        Number of bytes.
    """
    subject.work()
    if subject.kind == 'stock':
        return _peak_of_numpy(subject)
    if device.startswith('cuda'):
        return _peak_on_gpu(subject, device)
    os.environ.setdefault('KINETO_LOG_LEVEL', NO_LOG)
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        subject.work()
    return _peak_of_trace(profiler)


def _peak_of_numpy(subject: Subject) -> int:
    tracemalloc.start()
    try:
        subject.work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _peak_on_gpu(subject: Subject, device: str) -> int:
    torch.cuda.synchronize(device)
    torch.cuda.reset_peak_memory_stats(device)
    before = torch.cuda.memory_allocated(device)
    subject.work()
    torch.cuda.synchronize(device)
    return torch.cuda.max_memory_allocated(device) - before


def _peak_of_trace(profiler: profile) -> int:
    """Largest running total of the allocations in a profile."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / 'trace.json'
        profiler.export_chrome_trace(str(path))
        events = json.loads(path.read_text(encoding='utf-8'))['traceEvents']
    changes = [event for event in events if event.get('name') == '[memory]']
    held = peak = 0
    for event in sorted(changes, key=lambda event: event['ts']):
        held += event['args']['Bytes']
        peak = max(peak, held)
    return peak
