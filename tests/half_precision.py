"""Half precision on the processor, as far as this torch has it."""

import pytest
import torch

# Autocast to float16 and the largest of float16 numbers came to processors with torch 2.4.
needs_float16 = pytest.mark.skipif(
    tuple(map(int, torch.__version__.split('.')[:2])) < (2, 4),
    reason='this torch has no float16 on processors',
)
FLOAT16 = pytest.param(torch.float16, marks=needs_float16)
