"""The range cost in its own axes, where derivatives are short and the minimum is one root."""

from typing import NamedTuple

import torch
from torch import Tensor

from .range_cost import RangeCost


class PrincipalCost(NamedTuple):
    """The cost of `RangeCost` round the centroid of the stations, along their principal axes.

    In these coordinates c = (u, v) the sums of the stations and of their mixed products vanish.
    With R = sum_i r_i = q + S |c|^2, the sum of the residuals, what is left is

        gradient / 4 = (R + spread) c + pull
        Hessian / 4  = diag(R + spread) + 2 S c c'

    Few operations matter: on a thousand landmarks each costs as much to start as to run. Both axes
    are therefore handled at once, as the first dimension, along which sums are vectorised.

    Attributes:
        count: Number of stations S.
        centre: (2, ...) centroid (x, y) of the stations.
        axis: (2, ...) direction (x, y) of the first axis, of length 1.
        spread: (2, ...) twice the sum of the squared coordinates along each axis, larger one first.
        q: (...) sum of q_i = |a_i|^2 - d_i^2.
        pull: (2, ...) sums of -q_i u_i and -q_i v_i.
    """

    count: int
    centre: Tensor
    axis: Tensor
    spread: Tensor
    q: Tensor
    pull: Tensor

    @classmethod
    def from_cost(cls, cost: RangeCost) -> 'PrincipalCost':
        """Move and turn the sums of a cost."""
        _, x, y, q, _, xx, xy, qx, _, _, yy, qy, *_ = cost.products.flatten(-2).unbind(-1)
        centre_x, centre_y = x / cost.count, y / cost.count
        xx, xy, yy = xx - centre_x * x, xy - centre_x * y, yy - centre_y * y
        pull_x = 2 * (xx * centre_x + xy * centre_y) + centre_x * q - qx
        pull_y = 2 * (xy * centre_x + yy * centre_y) + centre_y * q - qy
        angle = torch.atan2(2 * xy, xx - yy) / 2
        axis = torch.stack((angle.cos(), angle.sin()))
        difference = torch.hypot(xx - yy, 2 * xy)
        return cls(
            cost.count,
            torch.stack((centre_x, centre_y)),
            axis,
            torch.stack((xx + yy + difference, (xx + yy - difference).clamp(min=0))),
            q - centre_x * x - centre_y * y,
            _turn(torch.stack((pull_x, pull_y)), axis),
        )

    def enter(self, positions: Tensor) -> Tensor:
        """(..., 2) positions (x, y) to (2, ...) coordinates (u, v)."""
        return _turn(positions.movedim(-1, 0) - self.centre, self.axis)

    def leave(self, coordinates: Tensor) -> Tensor:
        """(2, ...) coordinates (u, v) to (..., 2) positions (x, y)."""
        (u, v), (cosine, sine) = coordinates, self.axis
        back = torch.stack((cosine * u - sine * v, sine * u + cosine * v))
        return (back + self.centre).movedim(0, -1)

    def residual(self, coordinates: Tensor) -> Tensor:
        """(...) sum R of the residuals r_i at (2, ...) coordinates."""
        return self.q.add(coordinates.square().sum(0), alpha=self.count)

    def gradient(self, coordinates: Tensor, residual: Tensor) -> Tensor:
        """(2, ...) derivatives of the cost along the axes, divided by 4, given the residual."""
        return torch.addcmul(self.pull, self.spread + residual, coordinates)


def _turn(vector: Tensor, axis: Tensor) -> Tensor:
    """(2, ...) vector (x, y) to its parts along an axis (2, ...) and across it."""
    (x, y), (cosine, sine) = vector, axis
    return torch.stack((cosine * x + sine * y, cosine * y - sine * x))
