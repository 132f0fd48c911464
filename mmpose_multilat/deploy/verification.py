"""Compare an exported model with the PyTorch modules that it was made of."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .comparison import Agreement, DiscrepancyError, check_any_compared, compare
from .description import ModelDescription
from .graph import LandmarkGraph
from .names import HEATMAPS, INPUT
from .probes import face_crops, gaussian_heatmaps, random_crops, unreadable_heatmaps
from .requirements import require

COMPARED_SHARE = 0.9
"""Of the landmarks of Gaussian heatmaps; fewer and the comparison of the decoder says nothing."""

ROUNDING = 1e-6
"""Standard deviation of rounding, as a fraction of a cell: a few units of float32 in the last
place, which a network collects."""

REPETITIONS = 4

FACES = 8
CROPS = 3
"""Other numbers than that of the example which was traced, so that the batch is tried too."""


def verify(model: Any, graph: LandmarkGraph, description: ModelDescription) -> list[Agreement]:
    """Compare the decoder inside a model on Gaussian heatmaps, then the whole on crops.

    An untrained network answers with noise, in which no decoder finds a place; its landmarks are
    not compared, only its heatmaps.

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
    exact = copy.deepcopy(graph).double()
    return [
        *verify_decoder(model, graph, exact, description),
        *verify_network(model, graph, exact, description),
    ]


def verify_decoder(
    model: Any, graph: LandmarkGraph, exact: LandmarkGraph, description: ModelDescription
) -> list[Agreement]:
    """Compare what follows the heatmaps, see `verify`; `exact` is the graph in float64.

    On Gaussians, and on heatmaps that no decoder can read, where the answer is a cell.
    """
    heatmaps = gaussian_heatmaps(graph.codec, description.landmarks, FACES)
    alternatives = [exact.decode(heatmaps.double()), *rounded_otherwise(graph, heatmaps)]
    readable = compare_decoders('Gaussian', model, graph, description, heatmaps, alternatives)
    if readable.compared < COMPARED_SHARE * readable.landmarks:
        raise DiscrepancyError(f'{readable}: too few to say that the decoder is right')
    heatmaps = unreadable_heatmaps(graph.codec, description.landmarks)
    return [readable, compare_decoders('unreadable', model, graph, description, heatmaps, [])]


def compare_decoders(
    name: str,
    model: Any,
    graph: LandmarkGraph,
    description: ModelDescription,
    heatmaps: Tensor,
    alternatives: Sequence[Sequence[Tensor]],
) -> Agreement:
    """Compare what ONNX and PyTorch decode from the same heatmaps."""
    decoder = decoder_of(model)
    # The exporter asks the crops for the size of the batch; what is in them has no effect.
    faces = len(heatmaps) // (1 if graph.partners is None else 2)
    found = run(decoder, {HEATMAPS: heatmaps, INPUT: random_crops(description, faces)})
    agreement = compare(
        f'decoder, {name} heatmaps',
        found,
        name_outputs(found, graph.decode(heatmaps)),
        [name_outputs(found, outputs) for outputs in alternatives],
    )
    agreement.check()
    return agreement


def verify_network(
    model: Any, graph: LandmarkGraph, exact: LandmarkGraph, description: ModelDescription
) -> list[Agreement]:
    """Compare everything on faces and on noise, see `verify`; `exact` is the graph in float64."""
    agreements = []
    for name, crops in (
        ('synthetic faces', face_crops(description, CROPS)),
        ('random crops', random_crops(description, CROPS)),
    ):
        found = run(with_heatmaps(model), {INPUT: crops})
        with torch.no_grad():
            *landmarks, heatmaps = graph(crops)
            alternatives = [exact(crops if description.is_raw else crops.double())]
        # The network's own rounding: PyTorch's answer to the heatmaps that ONNX found.
        alternatives.append(graph.decode(torch.from_numpy(found[HEATMAPS])))
        alternatives += rounded_otherwise(graph, heatmaps)
        agreements.append(
            compare(
                f'whole model, {name}',
                found,
                name_outputs(found, (*landmarks, heatmaps)),
                [name_outputs(found, outputs) for outputs in alternatives],
            )
        )
        agreements[-1].check()
    check_any_compared(agreements)
    return agreements


def rounded_otherwise(graph: LandmarkGraph, heatmaps: Tensor) -> list[tuple[Tensor, ...]]:
    """What PyTorch decodes from heatmaps that differ by no more than rounding does."""
    generator = torch.Generator().manual_seed(0)
    noises = [torch.randn(heatmaps.shape, generator=generator) for _ in range(REPETITIONS)]
    return [graph.decode(heatmaps * (1 + ROUNDING * noise)) for noise in noises]


def run(model: Any, inputs: Mapping[str, Tensor]) -> dict[str, np.ndarray]:
    """Run a model on the CPU and return its outputs by name."""
    session = require('onnxruntime').InferenceSession(
        model.SerializeToString(), providers=['CPUExecutionProvider']
    )
    names = [output.name for output in session.get_outputs()]
    arrays = {name: values.numpy() for name, values in inputs.items()}
    return dict(zip(names, session.run(names, arrays)))


def name_outputs(names: Sequence[str], outputs: Sequence[Tensor]) -> dict[str, np.ndarray]:
    """Tensors as arrays by the names of the outputs, which are in the same order."""
    return {name: output.detach().numpy() for name, output in zip(names, outputs)}


def decoder_of(model: Any) -> Any:
    """The part of a model from the heatmaps on, as a model of its own.

    It takes the crops too, since the exporter asks them for the size of the batch.
    """
    extractor = require('onnx.utils').Extractor(model)
    outputs = [output.name for output in model.graph.output]
    return extractor.extract_model([HEATMAPS, INPUT], outputs)


def with_heatmaps(model: Any) -> Any:
    """A copy of a model that puts out the heatmaps too."""
    copied = type(model)()
    copied.CopyFrom(model)
    (heatmaps,) = (value for value in model.graph.value_info if value.name == HEATMAPS)
    copied.graph.output.append(heatmaps)
    return copied
