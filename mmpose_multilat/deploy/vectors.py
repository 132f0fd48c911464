"""Gaussian Vector's decoder in the place of a decoder of heatmaps."""

from torch import Tensor

from mmpose_multilat.codecs import GaussianVector
from mmpose_multilat.models.layers import BandPooling
from mmpose_multilat.multilateration import heatmap_to_input


class VectorDecoder:
    """Pool heatmaps to vectors and find the landmarks in these.

    Args:
        pooling: That of the head.
        codec: That of the head; settings that all codecs have are read from it.
    """

    def __init__(self, pooling: BandPooling, codec: GaussianVector) -> None:
        self.pooling = pooling
        self.codec = codec
        self.input_size = codec.input_size
        self.heatmap_size = codec.heatmap_size
        self.sigma = codec.sigma
        self.alignment = codec.alignment

    def locate_in_input(self, heatmaps: Tensor) -> tuple[Tensor, Tensor]:
        """Landmarks (B, K, 2) in input px and scores (B, K) of heatmaps (B, K, H, W)."""
        coordinates, scores = self.codec.locate(*self.pooling(heatmaps))
        geometry = self.input_size, self.heatmap_size, self.alignment
        return heatmap_to_input(coordinates, *geometry), scores
