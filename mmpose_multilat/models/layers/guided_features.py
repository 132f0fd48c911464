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
        feature_size: Its size (W, H).
        heatmaps: Number of landmarks and boundaries, whose heatmaps the reference has.
        encoder: Arguments of `TransPoseEncoder` but for `in_channels`; None for no encoder.
        image_size: Size (w, h) in px of the images that are compared.
        coarsest_size: Size (W, H) of the coarsest scale, where they are compared.
        channels: Channels at each scale, coarsest first; every scale has twice the size of the one
            before, the last is that of the heatmaps.
        soft: Whether there is the soft transformation.
        hard: Whether there is the hard transformation. Without both no reference is looked at.
        fusion: Whether transformed features are fused at every scale; else at the coarsest alone.

    Raises:
        ValueError: If an argument is out of its range or does not fit the others.
    """

    def __init__(
        self,
        in_channels: int,
        feature_size: Sequence[int],
        heatmaps: int,
        encoder: Optional[dict[str, Any]] = None,
        image_size: Sequence[int] = (128, 128),
        coarsest_size: Sequence[int] = (32, 32),
        channels: Sequence[int] = (256, 128, 64),
        soft: bool = True,
        hard: bool = True,
        fusion: bool = True,
    ) -> None:
        super().__init__()
        self.feature_size = check_size('feature_size', feature_size)
        self.image_size = check_size('image_size', image_size)
        coarsest = check_size('coarsest_size', coarsest_size)
        channels = _check_channels(channels)
        self.heatmap_size = tuple(side << (len(channels) - 1) for side in coarsest)
        self.encoder = None if encoder is None else TransPoseEncoder(in_channels, **encoder)
        if self.encoder is not None:
            in_channels = self.encoder.channels
        rows_columns = coarsest[::-1]
        parts = check_flag('soft', soft), check_flag('hard', hard)
        self.transformer = None
        if any(parts):
            halvings = _halvings(self.image_size, coarsest)
            self.transformer = ReferenceHeatmapTransformer(
                heatmaps, channels, rows_columns, halvings, *parts
            )
        self.fusion = MultiScaleFusion(
            in_channels,
            self.feature_size[::-1],
            rows_columns,
            channels,
            transformed=sum(parts),
            every_scale=check_flag('fusion', fusion),
        )
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
            semantic: (B, in_channels, *feature_size) features of the backbone.
            images: (B, 3, h, w) normalised images.
            references: (R, 3, h, w) normalised images and (R, heatmaps, H, W) heatmaps of
                references; None where neither transformation is on.
            likeness: Which of the references to take, see `ReferenceHeatmapTransformer`.

        Returns:
            (B, C, H, W) features of the heatmaps' size, and the transformed features.

        Raises:
            ValueError: If features or images have another size.
        """
        _check_map('feature_size', semantic, self.feature_size)
        _check_map('image_size', images, self.image_size)
        if self.encoder is not None:
            semantic = self.encoder(semantic)
        if self.transformer is None:
            return self.fusion(semantic, [()] * len(self.fusion.fusions)), None
        transformed = self.transformer(images, *references, likeness)
        return self.fusion(semantic, transformed.by_scale), transformed


def _check_map(name: str, maps: Tensor, size: tuple[int, int]) -> None:
    """Refuse maps of another size (W, H)."""
    found = maps.shape[-1], maps.shape[-2]
    if found != size:
        raise ValueError(
            f'{name}={size} (W, H) is set, the backbone gives {found}; set it to that, or the '
            'input size and the strides of the backbone so that they agree'
        )


def _check_channels(channels: Any) -> tuple[int, ...]:
    """Channels of at least one scale, or ValueError."""
    found = tuple(channels) if isinstance(channels, (list, tuple)) else ()
    if not found:
        raise ValueError(
            f'channels={channels!r} must be a list of channels of each scale, (256, 128, 64)'
        )
    return tuple(check_whole('channels', each, 1) for each in found)


def _halvings(image_size: tuple[int, int], coarsest: tuple[int, int]) -> int:
    """How often an image is halved to the coarsest scale, or ValueError."""
    ratios = {divmod(pixels, cells) for pixels, cells in zip(image_size, coarsest)}
    ratio, rest = ratios.pop()
    if ratios or rest or ratio & (ratio - 1):
        raise ValueError(
            f'image_size={image_size} must be a power of two times coarsest_size={coarsest}, the '
            'same along both sides'
        )
    return ratio.bit_length() - 1
