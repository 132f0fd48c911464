"""Fusion of transformed reference features with the target's own (equations (5) and (6))."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mmpose_multilat.landmarks.checks import check_whole

from .local_features import convolution


class FeatureFusion(nn.Module):
    """F_G + Conv(Concat(F_E, F_S, F_G)) (equation (5)).

    Args:
        channels: Channels of each of the maps.
        transformed: How many transformed maps there are: 2 of F_E and F_S, or 1, or 0.
    """

    def __init__(self, channels: int, transformed: int) -> None:
        super().__init__()
        self.layer = convolution((transformed + 1) * channels, channels)

    def forward(self, own: Tensor, transformed: Sequence[Tensor]) -> Tensor:
        """Fuse (B, C, H, W) maps of one size."""
        return own + self.layer(torch.cat((*transformed, own), 1))


class MultiScaleFusion(nn.Module):
    """From the target's semantic features to features of the finest scale.

    Each scale fuses (equation (5)); a transposed convolution doubles the size (equation (6)).
    Features of a backbone finer than the coarsest scale (64x64 of HRNet-W48, where the paper says
    nothing) are brought down to it by convolutions of stride 2, and added again at their own scale.

    Args:
        in_channels: Channels of the semantic features F_G.
        channels: Channels at each scale, coarsest first.
        own_scale: The scale whose size the semantic features have, 0 for the coarsest.
        transformed: How many transformed maps each scale has.
        every_scale: Whether transformed maps are fused at every scale, or at the coarsest alone,
            for the ablation without the module.

    Raises:
        ValueError: If there is no such scale.
    """

    def __init__(
        self,
        in_channels: int,
        channels: Sequence[int],
        own_scale: int = 0,
        transformed: int = 2,
        every_scale: bool = True,
    ) -> None:
        super().__init__()
        self.own_scale = check_whole('own_scale', own_scale, 0, len(channels) - 1)
        self.every_scale = every_scale
        own = channels[self.own_scale]
        same = in_channels == own
        self.entry = nn.Identity() if same else nn.Conv2d(in_channels, own, 1)
        widths = [own, *(channels[0],) * self.own_scale]
        self.down = nn.Sequential(
            *(convolution(before, after, stride=2) for before, after in zip(widths, widths[1:]))
        )
        self.fusions = nn.ModuleList(
            FeatureFusion(each, transformed if every_scale or not scale else 0)
            for scale, each in enumerate(channels)
        )
        self.enlargements = nn.ModuleList(
            _enlargement(before, after) for before, after in zip(channels, channels[1:])
        )

    def forward(self, semantic: Tensor, transformed: Sequence[Sequence[Tensor]]) -> Tensor:
        """Fuse.

        Args:
            semantic: (B, in_channels, h, w) features F_G.
            transformed: The transformed maps of each scale, coarsest first.

        Returns:
            (B, C, H, W) features of the finest scale.
        """
        semantic = self.entry(semantic)
        own = self.down(semantic)
        for scale, fuse in enumerate(self.fusions):
            if scale:
                own = self.enlargements[scale - 1](own)
                if scale == self.own_scale:
                    own = own + semantic
            own = fuse(own, transformed[scale] if self.every_scale or not scale else ())
        return own


def _enlargement(before: int, after: int) -> nn.Sequential:
    """A transposed convolution to twice the size."""
    return nn.Sequential(
        nn.ConvTranspose2d(before, after, kernel_size=4, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(inplace=True),
    )
