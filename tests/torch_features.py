"""What this torch does not have."""

import pytest
import torch

TORCH = tuple(map(int, torch.__version__.split('.')[:2]))

# Autocast to float16 and the largest of float16 numbers came to processors with torch 2.4.
needs_float16 = pytest.mark.skipif(TORCH < (2, 4), reason='this torch has no float16 on processors')
FLOAT16 = pytest.param(torch.float16, marks=needs_float16)

needs_graphs = pytest.mark.skipif(
    TORCH < (2, 3), reason='torch.compile of this torch does not know Tensor.is_contiguous'
)
