"""ONNX for operators of torch that its exporter does not translate."""

from collections.abc import Callable
from typing import Any

import torch

from .requirements import require


def missing_translations() -> dict[Any, Callable[..., Any]]:
    """Functions that write ONNX nodes, by the operator of torch that they stand for.

    Raises:
        MissingPackageError: If onnxscript is missing.
    """
    operators = require('onnxscript').opset18

    def hypot(x: Any, y: Any) -> Any:
        return operators.Sqrt(operators.Add(operators.Mul(x, x), operators.Mul(y, y)))

    return {torch.ops.aten.hypot.default: hypot}
