"""MobileNetV2, cut where its cells are coarse enough, with features of several strides joined."""

from typing import Any

import torch
from mmpose.models.backbones import MobileNetV2
from mmpose.models.backbones.utils import make_divisible
from mmpose.registry import MODELS
from torch import Tensor
from torch.nn import functional as F

from mmpose_multilat.landmarks.checks import check_positive, check_whole

LAST_LAYERS = {4: 1, 8: 2, 16: 4, 32: 6}
"""Index of the last of MobileNetV2's layers by the stride, the input px per cell, of its output."""

STRIDES = tuple(LAST_LAYERS)

FINEST = 3
"""Features of so many strides are joined, the coarsest and the next finer ones."""


@MODELS.register_module()
class MultiStrideMobileNet(MobileNetV2):
    """MobileNetV2 without the layers behind a stride, whose last three strides are joined.

    Yu and Tao, "Heatmap Regression via Randomized Rounding" (H3R, arXiv:2009.00225), read landmarks
    from such a network: MobileNetV2 down to stride 16 and its features of strides 4, 8 and 16 side
    by side at stride 4. Here finer maps than the joined one are averaged over its cells, coarser
    ones are interpolated.

    Args:
        stride: Input px per cell of the joined map, 4, 8, 16 or 32: input size / heatmap size.
        widen_factor: Factor of all widths of MobileNetV2.
        deepest: Stride behind which the layers are left out, 16 or 32, at least `stride`.
        **settings: Arguments of MMPose's `MobileNetV2`, such as `init_cfg`.

    Raises:
        ValueError: If an argument is out of its range.
    """

    def __init__(
        self, stride: int = 4, widen_factor: float = 1.0, deepest: int = 16, **settings: Any
    ) -> None:
        self._check(stride, widen_factor, deepest, settings)
        self.strides = [each for each in STRIDES if each <= deepest][-FINEST:]
        super().__init__(widen_factor, [LAST_LAYERS[each] for each in self.strides], **settings)
        self.stride = stride
        for name in self.layers[LAST_LAYERS[deepest] + 1 :]:
            delattr(self, name)
        del self.layers[LAST_LAYERS[deepest] + 1 :]

    @staticmethod
    def _check(stride: Any, widen_factor: Any, deepest: Any, settings: dict[str, Any]) -> None:
        if check_whole('stride', stride, 1) not in STRIDES:
            raise ValueError(f'stride={stride} must be one of {STRIDES}')
        check_positive('widen_factor', widen_factor)
        if deepest not in STRIDES[2:] or deepest < stride:
            raise ValueError(
                f'deepest={deepest!r} must be one of {STRIDES[2:]} and at least stride={stride}'
            )
        if 'out_indices' in settings:
            raise ValueError('out_indices follows from deepest, leave it out')

    @property
    def out_channels(self) -> int:
        """Channels of the joined map: the `in_channels` of the head."""
        widths = [self.arch_settings[LAST_LAYERS[each]][1] for each in self.strides]
        return sum(make_divisible(width * self.widen_factor, 8) for width in widths)

    def forward(self, images: Tensor) -> tuple[Tensor]:
        """Compute the joined map.

        Args:
            images: (B, 3, h, w) normalised images.

        Returns:
            One map (B, `out_channels`, h / stride, w / stride).

        Raises:
            ValueError: If width or height are no multiple of the deepest stride.
        """
        height, width = images.shape[-2:]
        deepest = self.strides[-1]
        if height % deepest or width % deepest:
            raise ValueError(
                f'MultiStrideMobileNet with deepest={deepest} needs an input whose width and '
                f'height are multiples of {deepest}, got {width}x{height} (W x H); change '
                '`codec.input_size` and the `input_size` of TopdownAffine'
            )
        size = height // self.stride, width // self.stride
        return (torch.cat([_resize(each, size) for each in super().forward(images)], 1),)


def _resize(features: Tensor, size: tuple[int, int]) -> Tensor:
    """Bring a map to a size (h, w), all of whose sides are multiples or parts of its own."""
    if features.shape[-2:] == size:
        return features
    if features.shape[-1] > size[1]:
        return F.avg_pool2d(features, features.shape[-1] // size[1])
    return F.interpolate(features, size, mode='bilinear', align_corners=False)
