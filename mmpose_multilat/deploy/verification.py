"""Compare an exported model with the PyTorch modules that it was made of."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Optional, Union

import numpy as np
import torch
from torch import Tensor

from mmpose_multilat.models.pose_estimators import View

from .comparison import (
    Agreement,
    DiscrepancyError,
    HeadAgreement,
    check_any_compared,
    compare,
    compare_heads,
)
from .description import ModelDescription
from .graph import LandmarkGraph
from .parts import decoder_of, run, with_inner
from .probes import face_inputs, random_inputs, readable_outputs, unreadable_outputs

COMPARED_SHARE = 0.9
"""Of the landmarks of Gaussians; fewer and the comparison of the decoder says nothing."""

ROUNDING = 1e-6
"""Standard deviation of rounding, as a fraction of a cell: a few units of float32 in the last
place, which a network collects."""

REPETITIONS = 4

FACES = 8
CROPS = 3
"""Other numbers than that of the example which was traced, so that the batch is tried too."""


@torch.no_grad()
def verify(
    model: Any, graph: LandmarkGraph, description: ModelDescription
) -> list[Union[Agreement, HeadAgreement]]:
    """Compare what follows the head's output on Gaussians, then the whole on crops.

    An untrained network answers with noise, in which no decoder finds a place; its landmarks are
    not compared, only the output of its head.

    Args:
        model: The `onnx.ModelProto` that `export_onnx` returned.
        graph: What it was made of.
        description: Its metadata.

    Returns:
        The agreements, all of them good enough.

    Raises:
        DiscrepancyError: If one is not.
        MissingPackageError: If onnx or onnxruntime is missing.
    """
    if not graph.decodes:
        return [*verify_head(model, graph, description)]
    exact = copy.deepcopy(graph).double()
    return [
        *verify_decoder(model, graph, exact, description),
        *verify_network(model, graph, exact, description),
    ]


def verify_head(
    model: Any, graph: LandmarkGraph, description: ModelDescription
) -> Iterator[HeadAgreement]:
    """Compare what the head puts out, see `verify`, where nothing is decoded."""
    for name, inputs in inputs_by_name(description):
        found = run(model, dict(zip(graph.inputs, inputs)))
        agreement = compare_heads(name, found, name_outputs(found, graph(*inputs)))
        agreement.check()
        yield agreement


def inputs_by_name(
    description: ModelDescription,
) -> tuple[tuple[str, tuple[Tensor, ...]], ...]:
    """What whole models are compared on."""
    return (
        ('whole model, synthetic faces', face_inputs(description, CROPS)),
        ('whole model, random crops', random_inputs(description, CROPS)),
    )


def verify_decoder(
    model: Any, graph: LandmarkGraph, exact: LandmarkGraph, description: ModelDescription
) -> list[Agreement]:
    """Compare what follows the head's output, see `verify`; `exact` is the graph in float64.

    On Gaussians, and on output that no decoder can read, where the answer is a cell.
    """
    codec = graph.codec
    # Of the head, which may find more than are put out.
    landmarks = graph.encoded(graph.look(*random_inputs(description, 1)))[0].shape[1]
    encoded = readable_outputs(codec, landmarks, FACES)
    readable = compare_decoders('Gaussians', model, graph, description, encoded, exact)
    if readable.compared < COMPARED_SHARE * readable.landmarks:
        raise DiscrepancyError(f'{readable}: too few to say that the decoder is right')
    encoded = unreadable_outputs(codec, landmarks)
    return [readable, compare_decoders('unreadable output', model, graph, description, encoded)]


def compare_decoders(
    name: str,
    model: Any,
    graph: LandmarkGraph,
    description: ModelDescription,
    encoded: Sequence[Tensor],
    exact: Optional[LandmarkGraph] = None,
) -> Agreement:
    """Compare what ONNX and PyTorch find in the same output of the head.

    Both get the same inputs too: a head may look at its features once more.

    Args:
        name: What is encoded.
        model: See `verify`, also for the next two.
        graph: What the model was made of.
        description: Its metadata.
        encoded: What takes the place of `LandmarkGraph.encoded`.
        exact: The graph in float64, to leave out landmarks that rounding moves; None to compare
            all.
    """
    inputs = random_inputs(description, len(encoded[0]) // graph.views)
    names = graph.codec.encoded_names
    found = run(decoder_of(model, names), dict(zip((*graph.inputs, *names), (*inputs, *encoded))))
    view, alternatives = graph.look(*inputs), []
    if exact is not None:
        exact_view = exact.look(*in_double(inputs, description))
        alternatives = [
            exact.locate(exact_view, [each.double() for each in encoded]),
            *rounded_otherwise(graph, view, encoded),
        ]
    return compare_outputs(f'decoder, {name}', found, graph.locate(view, encoded), alternatives)


def verify_network(
    model: Any, graph: LandmarkGraph, exact: LandmarkGraph, description: ModelDescription
) -> list[Agreement]:
    """Compare everything on faces and on noise, see `verify`; `exact` is the graph in float64."""
    names = graph.codec.encoded_names
    agreements = []
    for name, inputs in inputs_by_name(description):
        found = run(with_inner(model, names), dict(zip(graph.inputs, inputs)))
        view = graph.look(*inputs)
        encoded = graph.encoded(view)
        alternatives = [
            exact(*in_double(inputs, description)),
            # The network's own rounding: PyTorch's answer to what ONNX put out.
            graph.locate(view, [torch.from_numpy(found[each]) for each in names]),
            *rounded_otherwise(graph, view, encoded),
        ]
        expected = (*graph.locate(view), *encoded)
        agreements.append(compare_outputs(name, found, expected, alternatives))
    check_any_compared(agreements)
    return agreements


def compare_outputs(
    name: str,
    found: Mapping[str, np.ndarray],
    expected: Sequence[Tensor],
    alternatives: Sequence[Sequence[Tensor]],
) -> Agreement:
    """Compare outputs of ONNX with those of PyTorch, see `compare`, which must agree."""
    agreement = compare(
        name,
        found,
        name_outputs(found, expected),
        [name_outputs(found, outputs) for outputs in alternatives],
    )
    agreement.check()
    return agreement


def rounded_otherwise(
    graph: LandmarkGraph, view: View, encoded: Sequence[Tensor]
) -> list[tuple[Tensor, ...]]:
    """What PyTorch finds in output of the head that differs by no more than rounding does."""
    generator = torch.Generator().manual_seed(0)

    def rounded(each: Tensor) -> Tensor:
        return each * (1 + ROUNDING * torch.randn(each.shape, generator=generator))

    return [graph.locate(view, [rounded(each) for each in encoded]) for _ in range(REPETITIONS)]


def in_double(inputs: Sequence[Tensor], description: ModelDescription) -> Sequence[Tensor]:
    """The inputs for a graph in float64, which brings raw crops into it itself."""
    return inputs if description.is_raw else [each.double() for each in inputs]


def name_outputs(names: Sequence[str], outputs: Sequence[Tensor]) -> dict[str, np.ndarray]:
    """Tensors as arrays by the names of the outputs, which are in the same order."""
    return {name: output.detach().numpy() for name, output in zip(names, outputs)}
