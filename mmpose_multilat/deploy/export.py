"""Write a landmark graph as ONNX."""

import contextlib
import inspect
import io
import logging
import os
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

from .description import ModelDescription
from .graph import LandmarkGraph
from .names import OUTPUTS
from .operators import missing_translations
from .probes import random_inputs
from .requirements import require

EXAMPLE_BATCH = 2
"""Crops of the example that is traced. Of one, torch would take every size 1 for fixed."""


READABLE = 0o644
"""Temporary files are their owner's alone; models are for others too."""


def export_onnx(graph: LandmarkGraph, description: ModelDescription) -> Any:
    """Translate a graph, with a batch of any size.

    A branch of Python that depended on the data would stop `torch.export`; it is never frozen.

    Args:
        graph: In evaluation mode, on the CPU.
        description: Its metadata.

    Returns:
        The `onnx.ModelProto`, with the outputs `keypoints`, `scores` and perhaps `covariances`.
        What the head puts out can be found inside by its names, for `verification`; it is the only
        output of a graph that does not decode.

    Raises:
        MissingPackageError: If onnx or onnxscript is missing.
        RuntimeError: If torch is too old for this export, or the network works for one size of the
            batch only.
    """
    onnx = require('onnx')
    require('onnxscript')
    if 'dynamic_shapes' not in inspect.signature(torch.onnx.export).parameters:
        raise RuntimeError(f'torch {torch.__version__} cannot export this, 2.6 or later can')
    example = random_inputs(description, EXAMPLE_BATCH)
    inner = graph.codec.encoded_names
    with torch.no_grad(), _quiet():
        program = torch.onnx.export(
            graph,
            example,
            dynamo=True,
            input_names=list(graph.inputs),
            output_names=[*OUTPUTS[: len(graph(*example)) - len(inner)], *inner],
            dynamic_shapes=tuple(
                {axis: torch.export.Dim(name) for axis, name in axes.items()}
                for axes in graph.inputs.values()
            ),
            custom_translation_table=missing_translations(),
            optimize=False,
            verbose=False,
        )
    _simplify(program.model)
    model = program.model_proto
    _check_sizes(model, graph)
    if graph.decodes:
        _hide(model, inner)
    onnx.helper.set_model_props(model, description.to_metadata())
    onnx.checker.check_model(model)
    return model


def save(model: Any, path: Path) -> None:
    """Write a model at once, so that there is never half a file.

    Args:
        model: What `export_onnx` returned.
        path: The file; an earlier one is replaced.
    """
    descriptor, name = tempfile.mkstemp(suffix=path.suffix, dir=path.parent)
    try:
        with os.fdopen(descriptor, 'wb') as file:
            file.write(model.SerializeToString())
        os.chmod(name, READABLE)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def _simplify(model: Any) -> None:
    """Calculate what depends on no input, and remove what nothing depends on, in place.

    The exporter's own optimiser does more than that: it takes factors within 1e-5 of 1 for 1 and
    drops them; the fit of GaussianMLE compares with a tolerance of 1e-6 and would stop early.
    """
    optimizer = require('onnxscript.optimizer')
    optimizer.inline(model)
    optimizer.fold_constants(model)
    optimizer.remove_unused_nodes(model)


def _check_sizes(model: Any, graph: LandmarkGraph) -> None:
    """Refuse a model with a size fixed that must not be: the exporter does that silently."""
    for given, axes in zip(model.graph.input, graph.inputs.values()):
        for axis, name in axes.items():
            size = given.type.tensor_type.shape.dim[axis]
            if not size.dim_param:
                raise RuntimeError(
                    f'torch.export takes the size of the {name} for fixed ({size.dim_value}); '
                    'something in the network depends on it. `torch.export.export` with '
                    'dynamic_shapes names the line'
                )


def _hide(model: Any, names: Sequence[str]) -> None:
    """Make outputs inner values whose name and shape stay known."""
    known = {value.name for value in model.graph.value_info}
    for output in [output for output in model.graph.output if output.name in names]:
        if output.name not in known:
            model.graph.value_info.append(output)
        model.graph.output.remove(output)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the exporter's progress and its advice to developers of torch off the screen."""
    level = logging.getLogger('torch.onnx').level
    logging.getLogger('torch.onnx').setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter('ignore')
            yield
    finally:
        logging.getLogger('torch.onnx').setLevel(level)
