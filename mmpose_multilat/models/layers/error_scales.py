"""How far each landmark is likely to be off, from features and responses."""

import math

import torch
from torch import Tensor, nn

from mmpose_multilat.landmarks.checks import check_whole

FIRST_SCALE = 0.02
"""What an untrained network estimates, as a fraction of the input's width."""

RANGE = (math.log(1e-5), math.log(1.0))
"""Of log-scales: beyond these a likelihood has no useful gradient."""


class ErrorScales(nn.Module):
    """A small network that all landmarks share, with one input of its own for each.

    It sees the mean features of the face, those at the landmark, and its score.

    Args:
        landmarks: Number K of landmarks.
        channels: Channels C of the features.
        hidden_channels: Width.

    Raises:
        ValueError: If an argument is out of its range.
    """

    def __init__(self, landmarks: int, channels: int, hidden_channels: int = 64) -> None:
        super().__init__()
        hidden = check_whole('hidden_channels', hidden_channels, 1)
        self.face = nn.Linear(channels, hidden)
        self.place = nn.Linear(channels, hidden, bias=False)
        self.score = nn.Linear(1, hidden, bias=False)
        self.landmark = nn.Parameter(torch.zeros(landmarks, hidden))
        self.own = nn.Parameter(torch.zeros(landmarks))
        self.mixing = nn.Linear(hidden, hidden)
        self.scale = nn.Linear(hidden, 1)
        nn.init.zeros_(self.scale.weight)
        nn.init.constant_(self.scale.bias, math.log(FIRST_SCALE))

    def forward(self, mean: Tensor, sampled: Tensor, scores: Tensor) -> Tensor:
        """Estimate.

        Args:
            mean: (B, C) mean features of the face.
            sampled: (B, K, C) features at the landmarks.
            scores: (B, K).

        Returns:
            (B, K) natural logarithms of the scales as fractions of the input's width.
        """
        hidden = self.face(mean).unsqueeze(1) + self.place(sampled) + self.landmark
        hidden = (hidden + self.score(scores.unsqueeze(-1))).relu()
        found = self.scale(self.mixing(hidden).relu()).squeeze(-1) + self.own
        return found.clamp(*RANGE)
