"""From a backbone's features and a reference face to the features that heatmaps are made of.

Wan et al., "Precise Facial Landmark Detection by Reference Heatmap Transformer", IEEE TIP 2023,
figure 2.
"""

from collections.abc import Sequence
from typing import Any, Optional

from torch import Tensor, nn

from mmpose_multilat.landmarks.checks import check_flag, check_size, check_whole

from .multi_scale_fusion import MultiScaleFusion
from .reference_heatmap_transformer import ReferenceHeatmapTransformer, Transformed
from .transpose_encoder import TransPoseEncoder


class GuidedFeaturesNetwork(nn.Module):
    """Encoder, Reference Heatmap Transformer and fusion; each can be left out.

    Args:
        in_channels: Channels of the backbone's feature map.
        heatmaps: Number of landmarks and boundaries, whose heatmaps the reference has.
        encoder: Arguments of `TransPoseEncoder` but for `in_channels`; None for no encoder.
        image_size: Size (w, h) in px of the images that are compared.
        heatmap_size: Size (W, H) of the heatmaps in cells, which is that of the finest scale.
        channels: Channels at each scale, coarsest first; every scale has twice as many rows and
            columns as the one before. Images are compared at the coarsest.
        feature_scale: The scale whose size the backbone's feature map has, 0 for the coarsest.
        soft: Whether there is the soft transformation.
        hard: Whether there is the hard transformation. Without both no reference is looked at.
        fusion: Whether transformed features are fused at every scale; else at the coarsest alone.

    Raises:
        ValueError: If an argument is out of its range or does not fit the others.
    """

    def __init__(
        self,
        in_channels: int,
        heatmaps: int,
        encoder: Optional[dict[str, Any]] = None,
        image_size: Sequence[int] = (128, 128),
        heatmap_size: Sequence[int] = (128, 128),
        channels: Sequence[int] = (256, 128, 64),
        feature_scale: int = 0,
        soft: bool = True,
        hard: bool = True,
        fusion: bool = True,
    ) -> None:
        super().__init__()
        self.image_size = check_size('image_size', image_size)
        self.heatmap_size = check_size('heatmap_size', heatmap_size)
        channels = _check_channels(channels)
        sizes = _scales(self.heatmap_size, len(channels))
        self.encoder = None if encoder is None else TransPoseEncoder(in_channels, **encoder)
        if self.encoder is not None:
            in_channels = self.encoder.channels
        parts = check_flag('soft', soft), check_flag('hard', hard)
        self.transformer = None
        if any(parts):
            halvings = _halvings(self.image_size, sizes[0])
            self.transformer = ReferenceHeatmapTransformer(
                heatmaps, channels, sizes[0][::-1], halvings, *parts
            )
        self.fusion = MultiScaleFusion(
            in_channels,
            channels,
            feature_scale,
            transformed=sum(parts),
            every_scale=check_flag('fusion', fusion),
        )
        self.feature_size = sizes[self.fusion.own_scale]
        self.out_channels = channels[-1]

    def forward(
        self,
        semantic: Tensor,
        images: Tensor,
        references: Optional[tuple[Tensor, Tensor]] = None,
        likeness: int = 0,
    ) -> tuple[Tensor, Optional[Transformed]]:
        """Compute features.

        Args:
            semantic: (B, in_channels, h, w) features of the backbone, of the size of their scale.
            images: (B, 3, h, w) normalised images.
            references: (R, 3, h, w) normalised images and (R, heatmaps, H, W) heatmaps of
                references; None where neither transformation is on.
            likeness: Which of the references to take, see `ReferenceHeatmapTransformer`.

        Returns:
            (B, C, H, W) features of the heatmaps' size, and the transformed features.

        Raises:
            ValueError: If features or images have another size.
        """
        _check_size(semantic, self.feature_size, 'feature_scale and heatmap_size')
        _check_size(images, self.image_size, 'image_size')
        if self.encoder is not None:
            semantic = self.encoder(semantic)
        if self.transformer is None:
            return self.fusion(semantic, [()] * len(self.fusion.fusions)), None
        transformed = self.transformer(images, *references, likeness)
        return self.fusion(semantic, transformed.by_scale), transformed


def _check_size(maps: Tensor, size: tuple[int, int], settings: str) -> None:
    """Refuse maps of another size (W, H)."""
    found = maps.shape[-1], maps.shape[-2]
    if found != size:
        raise ValueError(
            f'the backbone gives a map of {found} (W, H) where {settings} of the head ask for '
            f'{size}; set them, the input size or the strides of the backbone so that they agree'
        )


def _check_channels(channels: Any) -> tuple[int, ...]:
    """Channels of at least one scale, or ValueError."""
    found = tuple(channels) if isinstance(channels, (list, tuple)) else ()
    if not found:
        raise ValueError(
            f'channels={channels!r} must be a list of channels of each scale, (256, 128, 64)'
        )
    return tuple(check_whole('channels', each, 1) for each in found)


def _scales(heatmap_size: tuple[int, int], count: int) -> list[tuple[int, int]]:
    """Sizes (W, H) of the scales, coarsest first, or ValueError."""
    divisor = 1 << (count - 1)
    if any(side % divisor for side in heatmap_size):
        raise ValueError(
            f'heatmap_size={heatmap_size} must be a multiple of {divisor}, for {count} scales'
        )
    return [tuple(side // divisor << scale for side in heatmap_size) for scale in range(count)]


def _halvings(image_size: tuple[int, int], coarsest: tuple[int, int]) -> int:
    """How often an image is halved to the coarsest scale, or ValueError."""
    ratios = {divmod(pixels, cells) for pixels, cells in zip(image_size, coarsest)}
    ratio, rest = ratios.pop()
    if ratios or rest or ratio & (ratio - 1):
        raise ValueError(
            f'image_size={image_size} must be a power of two times the coarsest scale, {coarsest}, '
            'the same along both sides'
        )
    return ratio.bit_length() - 1
