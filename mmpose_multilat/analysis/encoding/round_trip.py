"""Landmarks to heatmaps and back by several decoders."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from mmpose_multilat.analysis.decoder_choice import choose_decoders
from mmpose_multilat.codecs import HeatmapCodec, OneHot
from mmpose_multilat.errors import UserError, blame_user
from mmpose_multilat.evaluation import Predictions
from mmpose_multilat.multilateration import encode_gaussian, input_to_heatmap

from .faces import INPUT_SIZE


@dataclass(frozen=True)
class Heatmaps:
    """How landmarks become heatmaps.

    Attributes:
        size: Side of the heatmaps in cells.
        sigma: Standard deviation of the Gaussians in heatmap px.
        alignment: 'msra' or 'udp'.
        noise: Standard deviation of the Gaussian noise of every cell; the peaks are 1 high.
        seed: Seed of the noise.
    """

    size: int
    sigma: float = 2.0
    alignment: str = 'msra'
    noise: float = 0.0
    seed: int = 0

    def codec(self) -> HeatmapCodec:
        """The simplest codec for these heatmaps.

        Raises:
            UserError: If a setting is out of its range.
        """
        with blame_user():
            return OneHot(INPUT_SIZE, (self.size,) * 2, self.sigma, alignment=self.alignment)


def fitting_decoders(words: Sequence[str], heatmaps: Heatmaps) -> dict[str, HeatmapCodec]:
    """The decoders that can read heatmaps of a size.

    Args:
        words: As `choose_decoders` takes them.
        heatmaps: The heatmaps.

    Returns:
        Decoders by label; those are missing that refuse the size, a window larger than the heatmap
        for example.
    """
    codec = heatmaps.codec()
    fitting: dict[str, HeatmapCodec] = {}
    for word in words:
        with suppress(UserError):
            fitting.update(choose_decoders(codec, [word]))
    return fitting


def encode_batches(
    faces: Predictions, heatmaps: Heatmaps, batch_size: int
) -> Iterator[tuple[Tensor, Tensor]]:
    """Encode all faces; every call gives the same noise.

    Args:
        faces: N faces with K landmarks in input px.
        heatmaps: How they are encoded.
        batch_size: Faces in a batch B.

    Yields:
        (B, K, 2) landmarks in input px, float32, and their (B, K, H, W) heatmaps. Landmarks that
        are not annotated stand in the middle.
    """
    codec = heatmaps.codec()
    generator = torch.Generator().manual_seed(heatmaps.seed)
    middle = np.array(INPUT_SIZE) / 2
    places = np.where(faces.labelled[..., None], faces.true, middle)
    for batch in torch.from_numpy(places).float().split(batch_size):
        place = input_to_heatmap(batch, codec.input_size, codec.heatmap_size, codec.alignment)
        encoded = encode_gaussian(place, codec.heatmap_size, codec.sigma)
        if heatmaps.noise:
            encoded = encoded + heatmaps.noise * torch.randn(encoded.shape, generator=generator)
        yield batch, encoded


def round_trip(
    faces: Predictions,
    decoders: Mapping[str, HeatmapCodec],
    batches: Iterable[tuple[Tensor, Tensor]],
) -> dict[str, Predictions]:
    """Decode the same heatmaps with every decoder.

    Args:
        faces: The faces.
        decoders: Decoders by label.
        batches: What `encode_batches` gives of the faces.

    Returns:
        Label of the decoder -> what it found, all in input px. The truth is what was encoded, in
        float32.
    """
    true: list[np.ndarray] = []
    found: dict[str, list[np.ndarray]] = {name: [] for name in decoders}
    for landmarks, encoded in batches:
        true.append(landmarks.numpy())
        for name, codec in decoders.items():
            found[name] += codec.batch_decode(encoded)[0]
    return {
        name: replace(faces, predicted=np.concatenate(each), true=np.concatenate(true))
        for name, each in found.items()
    }
