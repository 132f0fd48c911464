"""Soft transformation of reference features (equations (1) to (3)).

At the finest scale, 128x128 cells, the correlation matrix C would have 16384 x 16384 elements, 1 GB
a face in float32. It is computed at the coarsest scale alone, 32x32 cells and 4 MB a face, as in
the texture transformer that the paper follows (Yang et al., "Learning Texture Transformer Network
for Image Super-Resolution", CVPR 2020): index D and weight A are carried to the finer scales, where
a cell becomes a block of cells and a patch of 3x3 cells a patch of 3x3 blocks.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

PATCH = 3
"""Side of the patches that are compared and transferred, in cells of the coarsest scale."""


class Correlation(NamedTuple):
    """What the correlation matrix C tells.

    Attributes:
        index: (B, N) D, the most correlated of the reference's N cells for each cell of the target.
        weight: (B, 1, H, W) A, that correlation, from -1 to 1.
    """

    index: Tensor
    weight: Tensor


def correlate(query: Tensor, key: Tensor) -> Correlation:
    """Find the most correlated patch of the reference for each patch of the target.

    Args:
        query: (B, C, H, W) descriptors F_Q of the targets.
        key: (B, C, H, W) descriptors F_K of the references.

    Returns:
        D and A (equations (1) and (2)). Gradients flow through A, not through D.
    """
    queries, keys = (
        F.normalize(F.unfold(each, PATCH, padding=PATCH // 2), dim=1) for each in (query, key)
    )
    correlation = keys.transpose(1, 2) @ queries  # (B, N of the reference, N of the target)
    weight, index = correlation.max(1)
    return Correlation(index, weight.unflatten(-1, query.shape[-2:]).unsqueeze(1))


def transfer(values: Tensor, index: Tensor, size: Sequence[int]) -> Tensor:
    """Put the patches of the reference where the target has their likes: F_T.

    Patches overlap, a cell is the mean of all that cover it.

    Args:
        values: (B or 1, C, s * H, s * W) features F_V of the references, at a scale s.
        index: (B, N) D of the coarsest scale, N = H * W.
        size: (H, W) of the coarsest scale.

    Returns:
        (B, C, s * H, s * W).
    """
    scale = int(values.shape[-1]) // int(size[1])  # torch.jit, which counts FLOPs, has tensors
    shape = dict(kernel_size=PATCH * scale, padding=PATCH // 2 * scale, stride=scale)
    patches = F.unfold(values, **shape)  # (B or 1, C * patch, N)
    batch, rows = index.shape[0], patches.shape[1]
    chosen = patches.expand(batch, -1, -1).gather(2, index.unsqueeze(1).expand(-1, rows, -1))
    finest = values.shape[-2:]
    ones = torch.ones_like(chosen[:1, : (PATCH * scale) ** 2])
    covered = F.fold(ones, finest, **shape)  # 9 inside, 6 at a side, 4 in a corner
    return F.fold(chosen, finest, **shape) / covered


class SoftTransformation(nn.Module):
    """F_S = F_T * A at several scales (equation (3)); there is nothing to learn."""

    def forward(
        self, correlation: Correlation, values: Sequence[Tensor]
    ) -> tuple[list[Tensor], list[Tensor]]:
        """Transform.

        Args:
            correlation: D and A of the coarsest scale.
            values: F_V of the references at each scale, coarsest first.

        Returns:
            F_S and A at each scale; A is interpolated bilinearly.
        """
        size = correlation.weight.shape[-2:]
        weights = [self._resized(correlation.weight, each) for each in values]
        moved = [transfer(each, correlation.index, size) for each in values]
        return [each * weight for each, weight in zip(moved, weights)], weights

    def _resized(self, weight: Tensor, like: Tensor) -> Tensor:
        size = like.shape[-2:]
        if size == weight.shape[-2:]:
            return weight
        return F.interpolate(weight, size=size, mode='bilinear', align_corners=False)
