"""Local feature extractors of the Reference Heatmap Transformer (section III-A).

The paper says that they hold "several convolution, batch-norm and ReLU operations" and no more;
numbers and widths of the layers are ours.
"""

from collections.abc import Sequence

from mmcv.cnn import ConvModule
from torch import Tensor, nn

from mmpose_multilat.landmarks.checks import check_whole

NORM = dict(type='BN')


def convolution(in_channels: int, out_channels: int, stride: int = 1) -> ConvModule:
    """A 3x3 convolution with batch normalisation and ReLU; the stride divides the size."""
    return ConvModule(in_channels, out_channels, 3, stride=stride, padding=1, norm_cfg=NORM)


class ImageFeatures(nn.Module):
    """F_Q and F_K: what an image shows at each cell of the coarsest scale.

    One extractor serves target and reference, so that the same place of a face is described alike
    in both images.

    Args:
        channels: Channels C of the descriptors; layers in front of a halving have half as many as
            those behind it.
        halvings: How often width and height are halved: 2 from 128 px to 32 cells.

    Raises:
        ValueError: If an argument is out of its range.
    """

    def __init__(self, channels: int, halvings: int = 2) -> None:
        super().__init__()
        check_whole('halvings', halvings, 0)
        # At least 16 channels where many halvings leave few.
        widths = [max(channels >> (halvings - level), 16) for level in range(halvings)]
        widths = [*widths, check_whole('channels', channels, 1)]
        layers = [convolution(3, widths[0])]
        for before, after in zip(widths, widths[1:]):
            layers += [convolution(before, after, stride=2)]
        # Signs are kept at the end: of features that are never negative all pairs are correlated.
        layers += [convolution(widths[-1], channels), nn.Conv2d(channels, channels, 3, padding=1)]
        self.layers = nn.Sequential(*layers)

    def forward(self, images: Tensor) -> Tensor:
        """(B, 3, h, w) normalised images to (B, C, h / 2^halvings, w / 2^halvings)."""
        return self.layers(images)


class HeatmapFeatures(nn.Module):
    """F_V: what the heatmaps of the reference say, at every scale.

    Args:
        in_channels: Number of landmarks and boundaries.
        channels: Channels at each scale, coarsest first; (256, 128, 64) in the paper.
    """

    def __init__(self, in_channels: int, channels: Sequence[int]) -> None:
        super().__init__()
        finest = channels[-1]
        self.first = nn.Sequential(convolution(in_channels, finest), convolution(finest, finest))
        fine_to_coarse = list(reversed(channels))
        self.coarser = nn.ModuleList(
            nn.Sequential(convolution(before, after, stride=2), convolution(after, after))
            for before, after in zip(fine_to_coarse, fine_to_coarse[1:])
        )

    def forward(self, heatmaps: Tensor) -> list[Tensor]:
        """(B, in_channels, H, W) heatmaps of the finest scale to maps, coarsest first."""
        maps = [self.first(heatmaps)]
        for layer in self.coarser:
            maps.append(layer(maps[-1]))
        return maps[::-1]
