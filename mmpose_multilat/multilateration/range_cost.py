"""The cost that POPoS minimises, reduced to ten sums over the stations."""

from typing import NamedTuple

import torch
from torch import Tensor


class RangeCost(NamedTuple):
    """Cost f(c) = sum_i (|a_i - c|^2 - d_i^2)^2 of a position c.

    This is POPoS equation (3) without its factor 1/2.

    With q_i = |a_i|^2 - d_i^2 the residual is the scalar product of (1, x_i, y_i, q_i), which
    belongs to the station, and (|c|^2, -2 x, -2 y, 1), which belongs to the position. The stations
    therefore enter through the products of the first, summed once: a position then costs the same
    however many stations there are.

    Attributes:
        count: Number of stations S.
        products: (..., 4, 4) sums of the products of 1, x_i, y_i and q_i.
    """

    count: int
    products: Tensor

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
        x, y = stations.unbind(-1)  # (..., S)
        q = torch.addcmul(x * x, y, y) - squared_ranges
        factors = torch.stack((torch.ones_like(q), x, y, q), -2)  # (..., 4, S)
        return cls(stations.shape[-2], factors @ factors.mT)

    def value(self, positions: Tensor) -> Tensor:
        """(...) cost of (..., 2) positions (x, y)."""
        factors = position_factors(positions).unsqueeze(-1)  # (..., 4, 1)
        return (factors.mT @ self.products @ factors).squeeze((-2, -1))


def position_factors(positions: Tensor) -> Tensor:
    """(..., 4) factors (|c|^2, -2 x, -2 y, 1) of (..., 2) positions c = (x, y)."""
    x, y = positions.unbind(-1)
    return torch.stack((torch.addcmul(x * x, y, y), -2 * x, -2 * y, torch.ones_like(x)), -1)
