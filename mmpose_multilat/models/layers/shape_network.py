"""What the shape of a face says of each landmark: a linear map in a frame of the face."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mmpose_multilat.landmarks.checks import check_whole

SMALLEST_SIZE = 1e-6
"""Square of the size of a face below which it has no frame."""

MOMENTUM = 0.01
"""Of the mean face; that of the first batch is taken as it is."""


class ShapeNetwork(nn.Module):
    """Offsets of all landmarks from places and confidences of all of them.

    A graph with a weight for every pair of coordinates. Faces are moved, turned and scaled onto a
    mean face, by least squares, and the offsets are turned and scaled back, so that the weights
    need not know where in the crop a face lies.

    Args:
        landmarks: Number K of landmarks, at least 2.

    Raises:
        ValueError: If there are fewer.
    """

    def __init__(self, landmarks: int) -> None:
        super().__init__()
        self.landmarks = check_whole('landmarks', landmarks, smallest=2)
        self.normalisation = nn.BatchNorm1d(3 * landmarks, affine=False)
        self.weights = nn.Linear(3 * landmarks, 2 * landmarks)
        self.register_buffer('mean_face', torch.zeros(landmarks, 2))

    def start_at_zero(self) -> None:
        """Leave every landmark where it is until it is trained."""
        nn.init.zeros_(self.weights.weight)
        nn.init.zeros_(self.weights.bias)

    @property
    def edges(self) -> Tensor:
        """(K, K) share of what each landmark is told that comes from each other one."""
        weights = self.weights.weight[:, : 2 * self.landmarks]
        pairs = weights.unflatten(1, (-1, 2)).unflatten(0, (-1, 2)).square().sum((1, 3)).sqrt()
        pairs = pairs * (1 - torch.eye(self.landmarks).to(pairs))
        return pairs / pairs.sum(1, keepdim=True).clamp(min=SMALLEST_SIZE)

    def forward(
        self, features: Tensor, places: Tensor, confidences: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Find offsets.

        Args:
            features: (B, K, C), not looked at.
            places: (B, K, 2) landmarks.
            confidences: (B, K) how far each is to be trusted.

        Returns:
            (B, K, 2) offsets in the unit of the places, and (B, K, K) `edges`, the same for all.
        """
        dtype = self.weights.weight.dtype
        places, confidences = places.to(dtype), confidences.to(dtype)
        centred = places - places.mean(1, keepdim=True)
        if self.training and len(places):
            self._follow(centred.detach())
        turn = turn_onto(centred, self.mean_face)
        inputs = torch.cat((turned(centred, turn).flatten(1), confidences), 1)
        # The statistics of a single face say nothing.
        alone = self.training and len(inputs) < 2
        normalised = self._by_running_statistics(inputs) if alone else self.normalisation(inputs)
        offsets = self.weights(normalised).unflatten(1, (-1, 2))
        back = (
            turn
            * turn.new_tensor((1, -1))
            / turn.square().sum(-1, keepdim=True).clamp(min=SMALLEST_SIZE)
        )
        return turned(offsets, back), self.edges.expand(places.shape[0], -1, -1)

    def _by_running_statistics(self, inputs: Tensor) -> Tensor:
        known = self.normalisation
        return F.batch_norm(inputs, known.running_mean, known.running_var, eps=known.eps)

    @torch.no_grad()
    def _follow(self, centred: Tensor) -> None:
        """Move the mean face towards that of a batch."""
        mean = centred.mean(0)
        weight = MOMENTUM if self.mean_face.any() else 1.0
        self.mean_face.lerp_(mean, weight)


def turn_onto(centred: Tensor, target: Tensor) -> Tensor:
    """The turn and the scale that bring faces closest to another one, by least squares.

    Args:
        centred: (B, K, 2) faces whose mean is 0.
        target: (K, 2) the other face, likewise.

    Returns:
        (B, 2) numbers a + ib as (a, b), which points x + iy are multiplied by; 0 for faces without
        extent.
    """
    x, y = centred.unbind(-1)
    u, v = target.unbind(-1)
    products = torch.stack(((x * u + y * v).sum(-1), (x * v - y * u).sum(-1)), -1)
    return products / centred.square().sum((-2, -1)).clamp(min=SMALLEST_SIZE).unsqueeze(-1)


def turned(points: Tensor, turn: Tensor) -> Tensor:
    """(B, K, 2) points x + iy times (B, 2) numbers a + ib."""
    x, y = points.unbind(-1)
    a, b = turn.unsqueeze(1).unbind(-1)
    return torch.stack((a * x - b * y, b * x + a * y), -1)
