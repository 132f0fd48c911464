"""The Reference Heatmap Transformer: what a reference face says about a target.

Wan et al., "Precise Facial Landmark Detection by Reference Heatmap Transformer", IEEE TIP 2023,
section III-A.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .hard_transformation import HardTransformation
from .local_features import HeatmapFeatures, ImageFeatures
from .soft_transformation import SoftTransformation, correlate


class Transformed(NamedTuple):
    """Features of the reference's heatmaps, transformed to the target, coarsest scale first.

    Attributes:
        soft: F_S at each scale; empty without the soft transformation.
        hard: F_E at each scale; empty without the hard transformation.
        weights: (B, 1, H, W) A at each scale; empty without the soft transformation.
    """

    soft: Sequence[Tensor]
    hard: Sequence[Tensor]
    weights: Sequence[Tensor]

    @property
    def by_scale(self) -> list[tuple[Tensor, ...]]:
        """F_E and F_S, what there is of them, of each scale (the order of equation (5))."""
        return list(zip(*(maps for maps in (self.hard, self.soft) if maps)))


class ReferenceHeatmapTransformer(nn.Module):
    """Soft and hard transformation at several scales.

    Args:
        heatmaps: Number of landmarks and boundaries, whose heatmaps the reference has.
        channels: Channels at each scale, coarsest first.
        size: (H, W) of the coarsest scale; each further one has twice as many rows and columns.
        halvings: How often the images' width and height are halved down to it.
        soft: Whether there is the soft transformation.
        hard: Whether there is the hard one.
    """

    def __init__(
        self,
        heatmaps: int,
        channels: Sequence[int],
        size: tuple[int, int],
        halvings: int,
        soft: bool = True,
        hard: bool = True,
    ) -> None:
        super().__init__()
        self.image_features = ImageFeatures(channels[0], halvings)
        self.heatmap_features = HeatmapFeatures(heatmaps, channels)
        self.soft = SoftTransformation() if soft else None
        self.hard = HardTransformation(channels[0], size) if hard else None

    def forward(
        self, images: Tensor, references: Tensor, heatmaps: Tensor, likeness: int = 0
    ) -> Transformed:
        """Transform.

        Args:
            images: (B, 3, h, w) normalised images of the targets.
            references: (R, 3, h, w) normalised images of the references: B of them, or 1 for all.
            heatmaps: (R, heatmaps, H, W) heatmaps of the references at the finest scale.
            likeness: 1 to take for each target the reference out of R that is most like it, -1 the
                least, 0 to leave the references as they are.
        """
        # Together, so that batch normalisation treats both alike while training.
        described = self.image_features(torch.cat((images, references)))
        count = images.shape[0]  # not `len`, which would fix the batch of an exported graph
        query, key = described[:count], described[count:]
        values = self.heatmap_features(heatmaps)
        if likeness:
            chosen = (likenesses(query, key) * likeness).argmax(1)
            key, values = key[chosen], [each[chosen] for each in values]
        key = key.expand_as(query)
        soft, weights = (), ()
        if self.soft is not None:
            soft, weights = self.soft(correlate(query, key), values)
        hard = () if self.hard is None else self.hard(query, key, values)
        return Transformed(soft, hard, weights)


def likenesses(query: Tensor, key: Tensor) -> Tensor:
    """Cosines between whole maps of descriptors, a coarse measure of how alike faces stand.

    Args:
        query: (B, C, H, W).
        key: (R, C, H, W).

    Returns:
        (B, R).
    """
    queries, keys = (F.normalize(each.flatten(1), dim=1) for each in (query, key))
    return queries @ keys.T
