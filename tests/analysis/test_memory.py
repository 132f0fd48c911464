import numpy as np
import pytest
import torch

from mmpose_multilat.analysis import Subject, peak_memory


def test_peak_memory_counts_what_is_held_at_once():
    tensor = torch.zeros(250_000)  # a million bytes

    def two_at_once_of_three():
        first = tensor + 1
        second = first + 1
        del first
        return second + 1

    peak = peak_memory(Subject('a', 'ours', two_at_once_of_three), 'cpu')
    assert peak == pytest.approx(2e6, rel=0.01)


def test_peak_memory_of_numpy():
    array = np.zeros(250_000, dtype=np.float32)
    peak = peak_memory(Subject('a', 'stock', lambda: (array + 1) + (array + 2)), 'cpu')
    assert 2e6 <= peak < 3.1e6


@pytest.mark.skipif(not torch.cuda.is_available(), reason='needs a CUDA GPU')
def test_peak_memory_on_a_gpu():
    tensor = torch.zeros(250_000, device='cuda')
    peak = peak_memory(Subject('a', 'ours', lambda: tensor + 1), 'cuda')
    assert peak == pytest.approx(1e6, rel=0.01)
