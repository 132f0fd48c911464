"""The transformer encoder of TransPose between backbone and fusion.

Yang et al., "TransPose: Keypoint Localization via Transformer", ICCV 2021; the Reference Heatmap
Transformer calls it Trans-R over ResNet-50 and Trans-H over HRNet-W48 (section III-D).
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mmpose_multilat.landmarks.checks import check_number, check_whole

LONGEST_PERIOD = 10_000.0
"""Of the sines of the position, as in "Attention Is All You Need"."""


def sine_positions(height: int, width: int, channels: int, like: Tensor) -> Tensor:
    """Encode the place of each cell by sines and cosines, half of the channels for y, half for x.

    Args:
        height: Rows H of the map.
        width: Columns W.
        channels: A multiple of 4.
        like: A tensor whose dtype and device the answer has.

    Returns:
        (H * W, channels).
    """
    steps = torch.arange(channels // 4, dtype=like.dtype, device=like.device)
    rates = LONGEST_PERIOD ** (-steps * 4 / channels)

    def along(length: int) -> Tensor:
        # Cells count in parts of a turn, so that maps of every size cover the same range.
        place = torch.arange(1, length + 1, dtype=like.dtype, device=like.device)
        angles = (place / length * 2 * math.pi).unsqueeze(-1) * rates
        return torch.cat((angles.sin(), angles.cos()), -1)  # (length, channels / 2)

    rows, columns = along(height), along(width)
    shape = (height, width, channels // 2)
    both = rows.unsqueeze(1).expand(shape), columns.unsqueeze(0).expand(shape)
    return torch.cat(both, -1).flatten(0, 1)


class EncoderLayer(nn.Module):
    """Attention among all cells and a feed-forward network, each added and normalised."""

    def __init__(self, channels: int, heads: int, feedforward: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.query_key = nn.Linear(channels, 2 * channels)
        self.value = nn.Linear(channels, channels)
        self.output = nn.Linear(channels, channels)
        self.feedforward = nn.Sequential(
            nn.Linear(channels, feedforward),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(feedforward, channels),
        )
        self.norms = nn.ModuleList(nn.LayerNorm(channels) for _ in range(2))

    def forward(self, cells: Tensor, positions: Tensor) -> Tensor:
        """(B, N, C) cells to cells; only queries and keys know the (N, C) positions."""
        query, key = self.query_key(cells + positions).chunk(2, -1)
        parts = (self._apart(each) for each in (query, key, self.value(cells)))
        # Never keeps the N x N weights where torch has a kernel for that.
        dropout = self.dropout if self.training else 0.0
        attended = F.scaled_dot_product_attention(*parts, dropout_p=dropout)
        attended = self.output(attended.transpose(1, 2).flatten(2))
        cells = self.norms[0](cells + self._drop(attended))
        return self.norms[1](cells + self._drop(self.feedforward(cells)))

    def _apart(self, cells: Tensor) -> Tensor:
        """(B, N, C) to (B, heads, N, C / heads)."""
        return cells.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def _drop(self, values: Tensor) -> Tensor:
        return F.dropout(values, self.dropout, self.training)


class TransPoseEncoder(nn.Module):
    """Every cell of a feature map attends to every other.

    The paper's settings: 8 heads, 256 channels over the 32x32 cells of ResNet-50; 1 head, 64
    channels over the 64x64 cells of HRNet-W48; 4 layers in both.

    Args:
        in_channels: Channels of the backbone's feature map.
        channels: Channels C inside and of the output, a multiple of 4 and of `heads`.
        heads: Number of heads.
        layers: Number of layers.
        feedforward: Channels of the feed-forward networks; four times `channels` if None, as in
            TransPose-R.
        dropout: Share of values that are dropped while training.

    Raises:
        ValueError: If an argument is out of its range.
    """

    def __init__(
        self,
        in_channels: int,
        channels: int = 256,
        heads: int = 8,
        layers: int = 4,
        feedforward: int | None = None,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.channels = check_whole('channels', channels, 4)
        if channels % 4 or channels % check_whole('heads', heads, 1):
            raise ValueError(
                f'channels={channels} must be a multiple of 4, for the positions, and of '
                f'heads={heads}'
            )
        feedforward = check_whole('feedforward', feedforward or 4 * channels, 1)
        dropout = check_number('dropout', dropout, smallest=0)
        self.reduce = nn.Conv2d(in_channels, channels, kernel_size=1, bias=False)
        self.layers = nn.ModuleList(
            EncoderLayer(channels, heads, feedforward, dropout)
            for _ in range(check_whole('layers', layers, 1))
        )

    def forward(self, features: Tensor) -> Tensor:
        """Encode (B, in_channels, H, W) features as (B, C, H, W)."""
        features = self.reduce(features)
        height, width = features.shape[-2:]
        positions = sine_positions(height, width, self.channels, features)
        cells = features.flatten(2).transpose(1, 2)
        for layer in self.layers:
            cells = layer(cells, positions)
        return cells.transpose(1, 2).unflatten(-1, (height, width))
