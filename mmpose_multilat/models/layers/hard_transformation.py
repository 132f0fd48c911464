"""Hard transformation of reference features by an affine map (equation (4)).

Jaderberg et al., "Spatial Transformer Networks", NIPS 2015.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .local_features import convolution

IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def warp(values: Tensor, affine: Tensor) -> Tensor:
    """Sample features where an affine map says.

    Coordinates run from -1 to 1 from edge to edge of a map, whatever its size, so that one map
    serves every scale.

    Args:
        values: (B or 1, C, H, W) features F_V of the references; 0 outside.
        affine: (B, 2, 3) from places (x, y, 1) of the target to places (x, y) of the reference.

    Returns:
        (B, C, H, W) F_E, interpolated bilinearly.
    """
    shape = affine.shape[0], *values.shape[1:]
    grid = F.affine_grid(affine, shape, align_corners=False)
    return F.grid_sample(values.expand(shape), grid, align_corners=False)


class LocalisationNetwork(nn.Module):
    """Estimates the affine map from the descriptors of target and reference.

    The paper leaves it open; this one halves the maps while they have more than 8 rows. It
    starts at the identity, and exactly so: its last layer begins with zeros. Every entry stays
    within 1 of the identity's, which is more than one face crop needs to cover another: without a
    bound a network from scratch zooms out until nothing is left of the reference.

    Args:
        channels: Channels of the descriptors.
        size: (H, W) of their maps.
        hidden: Channels inside.
    """

    def __init__(self, channels: int, size: Sequence[int], hidden: int = 64) -> None:
        super().__init__()
        layers = [convolution(2 * channels, hidden)]
        height, width = size
        while height > 8:
            layers.append(convolution(hidden, hidden, stride=2))
            height, width = (height + 1) // 2, (width + 1) // 2
        self.layers = nn.Sequential(*layers, nn.Flatten())
        features = hidden * height * width
        self.affine = nn.Linear(features, len(IDENTITY))
        nn.init.zeros_(self.affine.weight)
        nn.init.zeros_(self.affine.bias)
        # Adam's steps are of one size for every weight, so that many of them together leap.
        self.scale = features**-0.5
        self.register_buffer('identity', torch.tensor(IDENTITY), persistent=False)

    def forward(self, query: Tensor, key: Tensor) -> Tensor:
        """(B, C, H, W) descriptors F_Q and F_K to (B, 2, 3) affine maps."""
        change = self.affine(self.layers(torch.cat((query, key), 1))) * self.scale
        return (self.identity + change.tanh()).unflatten(-1, (2, 3))


class HardTransformation(nn.Module):
    """F_E at several scales: the reference's features in one piece, moved by an affine map.

    Args:
        channels: Channels of the descriptors.
        size: (H, W) of the coarsest scale.
    """

    def __init__(self, channels: int, size: Sequence[int]) -> None:
        super().__init__()
        self.localisation = LocalisationNetwork(channels, size)

    def forward(self, query: Tensor, key: Tensor, values: Sequence[Tensor]) -> list[Tensor]:
        """Transform.

        Args:
            query: (B, C, H, W) descriptors F_Q of the targets.
            key: (B, C, H, W) descriptors F_K of the references.
            values: F_V of the references at each scale.

        Returns:
            F_E at each scale.
        """
        affine = self.localisation(query, key)
        return [warp(each, affine) for each in values]
