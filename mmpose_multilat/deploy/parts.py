"""Run an exported model, and parts of it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from torch import Tensor

from .requirements import require


def run(model: Any, inputs: Mapping[str, Tensor]) -> dict[str, np.ndarray]:
    """Run a model on the CPU and return its outputs by name."""
    session = require('onnxruntime').InferenceSession(
        model.SerializeToString(), providers=['CPUExecutionProvider']
    )
    names = [output.name for output in session.get_outputs()]
    arrays = {name: values.numpy() for name, values in inputs.items()}
    return dict(zip(names, session.run(names, arrays)))


def decoder_of(model: Any, names: Sequence[str]) -> Any:
    """The part of a model behind inner values, as a model of its own.

    It takes the inputs too: the exporter asks them for the size of the batch, and a head may look
    at their features again.

    Args:
        model: What `export_onnx` returned.
        names: Of the values, the `encoded_names` of its codec.
    """
    extractor = require('onnx.utils').Extractor(model)
    inputs = [each.name for each in model.graph.input]
    outputs = [each.name for each in model.graph.output]
    return extractor.extract_model([*names, *inputs], outputs)


def with_inner(model: Any, names: Sequence[str]) -> Any:
    """A copy of a model that puts out inner values too, in the order of their names."""
    copied = type(model)()
    copied.CopyFrom(model)
    known = {value.name: value for value in model.graph.value_info}
    copied.graph.output.extend(known[name] for name in names)
    return copied
