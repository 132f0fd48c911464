"""A graph over the landmarks of a face: how much each listens to each, and what it is told.

Nguyen et al., "Facial Landmark Detection with Learnable Connectivity Graph Convolutional Network",
IEEE Access 2022.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mmpose_multilat.landmarks.checks import check_choice, check_whole

EDGES = ('confidence', 'learned', 'uniform')
"""Of class and confidence (the paper's), of the class alone (Li et al.), all alike."""

CLASS_CHANNELS = 16
EDGE_CHANNELS = 16
"""Widths of the two networks of the edges; the paper states none."""


class LandmarkEdges(nn.Module):
    """Weights e_ij with which landmark i listens to landmark j; those of each i add up to 1.

    A landmark does not listen to itself: its own features have a weight of their own in
    `GraphBlock`.

    Args:
        landmarks: Number K of landmarks, at least 2.
        kind: 'confidence': e_ij = softmax_j MLP([c_i, c_j, l_ij]) with the class part
            l_ij = MLP([onehot_i, onehot_j]) (equations (5) and (6)); 'learned': e_ij = softmax_j
            a_ij with one number a_ij for each pair, the same for every face (the adjacency matrix
            of Li et al., which the paper compares with); 'uniform': 1 / (K - 1).

    Raises:
        ValueError: If an argument is out of its range.
    """

    def __init__(self, landmarks: int, kind: str = 'confidence') -> None:
        super().__init__()
        self.landmarks = check_whole('landmarks', landmarks, smallest=2)
        self.kind = check_choice('edges', kind, EDGES)
        if kind == 'learned':
            self.adjacency = nn.Parameter(torch.zeros(landmarks, landmarks))
        elif kind == 'confidence':
            # A linear layer on two one-hot vectors is the sum of a row of each of two tables.
            self.listener = nn.Embedding(landmarks, CLASS_CHANNELS)
            self.speaker = nn.Embedding(landmarks, CLASS_CHANNELS)
            self.class_layer = nn.Linear(CLASS_CHANNELS, CLASS_CHANNELS)
            self.class_part = nn.Linear(CLASS_CHANNELS, EDGE_CHANNELS)
            self.confidence_part = nn.Linear(2, EDGE_CHANNELS, bias=False)
            self.weight = nn.Linear(EDGE_CHANNELS, 1, bias=False)  # softmax undoes a bias

    def forward(self, confidences: Tensor) -> Tensor:
        """Weigh all pairs.

        Args:
            confidences: (B, K) how far each landmark is to be trusted, in any unit.

        Returns:
            (B, K, K) weights, row i for what landmark i listens to: not negative, 0 on the
            diagonal, a sum of 1 in each row.
        """
        logits = self._logits(confidences)
        itself = torch.eye(self.landmarks, dtype=torch.bool, device=logits.device)
        weights = logits.masked_fill(itself, -math.inf).softmax(-1)
        return weights.expand(confidences.shape[0], -1, -1)

    def _logits(self, confidences: Tensor) -> Tensor:
        """(B, K, K), or (1, K, K) where they are the same for every face."""
        if self.kind == 'uniform':
            return confidences.new_zeros(1, self.landmarks, self.landmarks)
        if self.kind == 'learned':
            return self.adjacency.unsqueeze(0)
        # Once for all faces; only what depends on the confidences has a row for each.
        classes = self.class_part(self._classes())  # (K, K, channels)
        of_listener, of_speaker = (
            confidences.unsqueeze(-1) * column for column in self.confidence_part.weight.unbind(1)
        )
        # In place: one array of B K K channels is read and written, not four.
        hidden = (classes + of_listener.unsqueeze(2)).add_(of_speaker.unsqueeze(1)).relu_()
        return hidden @ self.weight.weight[0]

    def _classes(self) -> Tensor:
        """(K, K, channels) embedding l_ij of each pair of landmarks (equation (5))."""
        pairs = self.listener.weight.unsqueeze(1) + self.speaker.weight.unsqueeze(0)
        return self.class_layer(pairs.relu())


class GraphBlock(nn.Module):
    """h_i' = W1 h_i + sum_j e_ij W2 [h_j, q_ij], q_ij the displacement of i from j (equation (4)).

    Args:
        in_channels: Number of channels of h.
        out_channels: Number of channels of h'.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.own = nn.Linear(in_channels, out_channels)
        self.message = nn.Linear(in_channels + 2, out_channels, bias=False)

    def forward(self, nodes: Tensor, places: Tensor, edges: Tensor) -> Tensor:
        """Let every landmark listen once.

        The sum runs over what W2 is applied to, which is linear, so that no message of a pair is
        ever held: sum_j e_ij q_ij = (sum_j e_ij) x_i - sum_j e_ij x_j.

        Args:
            nodes: (B, K, in_channels) h.
            places: (B, K, 2) landmarks x.
            edges: (B, K, K) e.

        Returns:
            (B, K, out_channels) h'.
        """
        displacements = edges.sum(-1, keepdim=True) * places - edges @ places
        return self.own(nodes) + self.message(torch.cat((edges @ nodes, displacements), -1))


class GraphNetwork(nn.Module):
    """Features, places and confidences of landmarks to one answer of two numbers for each.

    Args:
        landmarks: Number K of landmarks.
        feature_channels: Number C of channels of the features.
        edges: Kind of the edges, see `LandmarkEdges`.
        embedding_channels: Channels that a small network brings the features to; the paper states
            no widths.
        hidden_channels: Widths of all blocks but the last, which has 2.

    Raises:
        ValueError: If an argument is out of its range.
    """

    def __init__(
        self,
        landmarks: int,
        feature_channels: int,
        edges: str = 'confidence',
        embedding_channels: int = 64,
        hidden_channels: Sequence[int] = (64, 16),
    ) -> None:
        super().__init__()
        channels = check_whole('feature_channels', feature_channels, smallest=1)
        embedding = check_whole('embedding_channels', embedding_channels, smallest=1)
        self.edges = LandmarkEdges(landmarks, edges)
        self.embedding = nn.Sequential(
            nn.Linear(channels, embedding), nn.ReLU(), nn.Linear(embedding, embedding)
        )
        hidden = [check_whole('hidden_channels', each, smallest=1) for each in hidden_channels]
        widths = (2 + embedding, *hidden, 2)
        self.blocks = nn.ModuleList(map(GraphBlock, widths[:-1], widths[1:]))

    def start_at_zero(self) -> None:
        """Let the last block answer zero until it is trained."""
        for weight in self.blocks[-1].parameters():
            nn.init.zeros_(weight)

    def forward(
        self, features: Tensor, places: Tensor, confidences: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Let every landmark listen to the others, once in each block.

        Args:
            features: (B, K, C) features at the landmarks.
            places: (B, K, 2) landmarks.
            confidences: (B, K) how far each is to be trusted.

        Returns:
            (B, K, 2) answer and (B, K, K) edges, both in the dtype of the weights.
        """
        dtype = self.blocks[0].own.weight.dtype
        features, places, confidences = (each.to(dtype) for each in (features, places, confidences))
        edges = self.edges(confidences)
        nodes = torch.cat((places, self.embedding(features)), -1)  # equation (2)
        for block in self.blocks[:-1]:
            nodes = block(nodes, places, edges).relu()
        return self.blocks[-1](nodes, places, edges), edges
