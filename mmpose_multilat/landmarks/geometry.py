"""Where the cells of a heatmap lie over the network's input."""

from dataclasses import dataclass

import torch
from torch import Tensor

from mmpose_multilat.multilateration import cell_pitch, heatmap_to_input, input_to_heatmap

Size = tuple[int, int]


@dataclass(frozen=True)
class HeatmapGeometry:
    """Sizes of input and heatmap, and how the cells of one lie over the other.

    Args:
        input_size: Size (w, h) of the network's input in px.
        heatmap_size: Size (W, H) of its heatmaps in cells.
        alignment: 'msra' or 'udp', see `mmpose_multilat.multilateration.coordinates`.
    """

    input_size: Size
    heatmap_size: Size
    alignment: str = 'msra'

    @property
    def pitch(self) -> tuple[float, float]:
        """Distance between neighbouring cell centres along x and y, in input px."""
        return cell_pitch(self.input_size, self.heatmap_size, self.alignment)

    def to_input(self, coordinates: Tensor) -> Tensor:
        """(..., 2) coordinates (x, y) in heatmap px to input px."""
        return heatmap_to_input(coordinates, self.input_size, self.heatmap_size, self.alignment)

    def to_heatmap(self, coordinates: Tensor) -> Tensor:
        """(..., 2) coordinates (x, y) in input px to heatmap px."""
        return input_to_heatmap(coordinates, self.input_size, self.heatmap_size, self.alignment)

    def covariance_to_input(self, covariances: Tensor) -> Tensor:
        """(..., 2, 2) covariances in heatmap px squared to input px squared."""
        x, y = self.pitch
        # Products of the pitches along x and y; a tensor would have to be copied to a GPU first.
        (xx, xy), (_, yy) = (row.unbind(-1) for row in covariances.unbind(-2))
        rows = torch.stack((xx * x * x, xy * x * y), -1), torch.stack((xy * x * y, yy * y * y), -1)
        return torch.stack(rows, -2)
