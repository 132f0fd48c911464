"""The cost that POPoS minimises, reduced to ten sums over the stations."""

from typing import NamedTuple

import torch
from torch import Tensor


class RangeCost(NamedTuple):
    """Cost f(c) = sum_i (|a_i - c|^2 - d_i^2)^2 of a position c.

    This is POPoS equation (3) without its factor 1/2.

    With q_i = |a_i|^2 - d_i^2 and s = |c|^2 the residual is r_i = q_i - 2 a_i . c + s, so that
    everything about the stations enters through sums that are formed once; a position then costs
    about ten operations however many stations there are.

    Attributes:
        count: Number of stations S.
        x, y: (...) sums of the station coordinates.
        xx, xy, yy: (...) sums of their products.
        q, qx, qy, qq: (...) sums of q_i, q_i x_i, q_i y_i and q_i^2.
    """

    count: int
    x: Tensor
    y: Tensor
    xx: Tensor
    xy: Tensor
    yy: Tensor
    q: Tensor
    qx: Tensor
    qy: Tensor
    qq: Tensor

    @classmethod
    def from_stations(cls, stations: Tensor, squared_ranges: Tensor) -> 'RangeCost':
        """Form the sums.

        Args:
            stations: (..., S, 2) station coordinates (x, y), best relative to a point near the
                landmark: the sums hold fourth powers.
            squared_ranges: (..., S) squared distances in the unit of the stations squared; may be
                negative.

        Returns:
            The cost, with sums of shape (...).
        """
        q = stations.square().sum(-1) - squared_ranges  # (..., S)
        columns = torch.stack((*stations.unbind(-1), q), -1)  # (..., S, 3)
        x, y, total_q = columns.sum(-2).unbind(-1)
        products = columns.transpose(-1, -2) @ columns  # (..., 3, 3)
        xx, xy, qx, _, yy, qy, _, _, qq = products.flatten(-2).unbind(-1)
        return cls(stations.shape[-2], x, y, xx, xy, yy, total_q, qx, qy, qq)

    def polynomial(self) -> Tensor:
        """(..., 9) coefficients of the cost over the terms of `polynomial_terms`."""
        linear_quadratic = (
            self.qq,
            -4 * self.qx,
            -4 * self.qy,
            4 * self.xx + 2 * self.q,
            8 * self.xy,
            4 * self.yy + 2 * self.q,
        )
        cubic_quartic = (-4 * self.x, -4 * self.y, torch.full_like(self.q, self.count))
        return torch.stack((*linear_quadratic, *cubic_quartic), -1)

    def value(self, positions: Tensor) -> Tensor:
        """(...) cost of (..., 2) positions (x, y)."""
        return (self.polynomial() * polynomial_terms(positions)).sum(-1)

    def gradient(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        """(...) derivatives of the cost along x and along y, divided by 4: sum_i r_i (c - a_i)."""
        u, v = positions.unbind(-1)
        square = u * u + v * v
        residual = self.residual(positions)
        along_x = u * residual - (self.qx - 2 * (self.xx * u + self.xy * v) + square * self.x)
        along_y = v * residual - (self.qy - 2 * (self.xy * u + self.yy * v) + square * self.y)
        return along_x, along_y

    def residual(self, positions: Tensor) -> Tensor:
        """(...) sum of the residuals r_i."""
        u, v = positions.unbind(-1)
        return self.q - 2 * (self.x * u + self.y * v) + self.count * (u * u + v * v)

    def gauss_newton_matrix(self, positions: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(...) entries xx, xy, yy of 2 sum_i (c - a_i)(c - a_i)'.

        This is the Hessian divided by 4, without its residual term.

        The Jacobian of residual i is 2 (c - a_i); POPoS equation (6) prints its inverse by mistake.
        """
        u, v = positions.unbind(-1)
        xx = self.count * u * u - 2 * u * self.x + self.xx
        xy = self.count * u * v - u * self.y - v * self.x + self.xy
        yy = self.count * v * v - 2 * v * self.y + self.yy
        return 2 * xx, 2 * xy, 2 * yy


def polynomial_terms(positions: Tensor) -> Tensor:
    """Terms of the cost's polynomial.

    Args:
        positions: (..., 2) positions (x, y).

    Returns:
        (..., 9) terms 1, x, y, x^2, x y, y^2, s x, s y, s^2 with s = x^2 + y^2.
    """
    x, y = positions.unbind(-1)
    xx, yy = x * x, y * y
    s = xx + yy
    return torch.stack((torch.ones_like(x), x, y, xx, x * y, yy, s * x, s * y, s * s), -1)
