"""What `benchmark_decode` measures: decoders of this package, MMPose's, and floors."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from mmpose.codecs import MSRAHeatmap
from mmpose.registry import KEYPOINT_CODECS
from torch import Tensor

from mmpose_multilat.analysis.timing import decode_once
from mmpose_multilat.analysis.turns import Subject
from mmpose_multilat.codecs import HeatmapCodec, OneHot, POPoS
from mmpose_multilat.codecs.popos import SOLVERS
from mmpose_multilat.multilateration import encode_gaussian

INPUT_SIZE = 256
"""Side of the network's input in px."""

SIGMA = 2.0
NOISE = 0.02
"""Standard deviation of the noise on every cell: heatmaps of a network are not exact either."""

FLOORS: dict[str, Callable[[Tensor], Any]] = {
    'amax': lambda heatmaps: heatmaps.amax((-2, -1)),
    'flatten.max': lambda heatmaps: heatmaps.flatten(2).max(-1),
}
REFERENCE = 'flatten.max'
"""The shortest way of PyTorch to value and index of each maximum; ratios are to its time."""


def make_heatmaps(batch: int, landmarks: int, size: int, device: str) -> Tensor:
    """Gaussians at random places with a little noise.

    Args:
        batch: Number of faces.
        landmarks: Landmarks of a face.
        size: Side of a heatmap in cells.
        device: Where the heatmaps lie.

    Returns:
        (batch, landmarks, size, size) float32, always the same for the same arguments.
    """
    generator = torch.Generator().manual_seed(0)
    places = torch.rand(batch, landmarks, 2, generator=generator) * (size - 1)
    heatmaps = encode_gaussian(places, (size, size), SIGMA)
    heatmaps += NOISE * torch.randn(heatmaps.shape, generator=generator)
    return heatmaps.to(device)


def our_decoders(size: int) -> dict[str, HeatmapCodec]:
    """Every registered decoder of this package for a heatmap size, POPoS with each solver."""
    geometry = (INPUT_SIZE, INPUT_SIZE), (size, size), SIGMA
    decoders = {}
    for name, kind in KEYPOINT_CODECS.module_dict.items():
        if kind is POPoS:
            decoders |= {f'{name} {solver}': kind(*geometry, solver=solver) for solver in SOLVERS}
        elif issubclass(kind, HeatmapCodec):
            decoders[name] = kind(*geometry)
    return decoders


def stock_decoders(size: int) -> dict[str, MSRAHeatmap]:
    """MMPose's decoding of the same heatmaps, biased and unbiased."""
    geometry = (INPUT_SIZE, INPUT_SIZE), (size, size), SIGMA
    return {
        'MMPose MSRA': MSRAHeatmap(*geometry),
        'MMPose DARK': MSRAHeatmap(*geometry, unbiased=True),
    }


def decode_subjects(heatmaps: Tensor) -> list[Subject]:
    """All floors and decoders on (B, K, N, N) heatmaps."""
    size = heatmaps.shape[-1]
    floors = [
        Subject(label, 'floor', lambda work=work: work(heatmaps)) for label, work in FLOORS.items()
    ]
    decoders = [
        Subject(label, kind, lambda codec=codec: decode_once(codec, heatmaps))
        for kind, codecs in (('ours', our_decoders(size)), ('stock', stock_decoders(size)))
        for label, codec in codecs.items()
    ]
    return floors + decoders


def encode_subjects(landmarks: int, size: int) -> list[Subject]:
    """Encoding of one face, biased and unbiased, by this package and by MMPose.

    Args:
        landmarks: Landmarks of the face.
        size: Side of a heatmap in cells.

    Returns:
        Two of ours and two of MMPose's, in the same order and with the same labels.
    """
    geometry = (INPUT_SIZE, INPUT_SIZE), (size, size), SIGMA
    keypoints = np.random.default_rng(0).uniform(0, INPUT_SIZE, (1, landmarks, 2))
    keypoints = keypoints.astype(np.float32)
    codecs = [
        (kind, unbiased, codec(*geometry, unbiased=unbiased))
        for kind, codec in (('ours', OneHot), ('stock', MSRAHeatmap))
        for unbiased in (False, True)
    ]
    return [
        Subject(
            'unbiased' if unbiased else 'biased', kind, lambda codec=codec: codec.encode(keypoints)
        )
        for kind, unbiased, codec in codecs
    ]
