"""Features at landmarks."""

import torch
from torch import Tensor
from torch.nn import functional as F

from mmpose_multilat.landmarks import HeatmapGeometry


def sample_features(features: Tensor, points: Tensor) -> Tensor:
    """Read a feature map at points between its cells, bilinearly.

    Args:
        features: (B, C, H, W) feature maps.
        points: (B, K, 2) points (x, y) in px of the map: cell (i, j) stands at (j, i). A point
            outside reads the nearest cell of the border.

    Returns:
        (B, K, C) features, of the dtype of the map. Gradients flow to the map and to the points.
    """
    height, width = features.shape[-2:]
    # `grid_sample` counts from -1 at the centre of the first cell to 1 at that of the last; a map
    # of one cell has the same value everywhere.
    last = points.new_tensor((max(width - 1, 1), max(height - 1, 1)))
    grid = (points * 2 / last - 1).to(features.dtype).unsqueeze(1)  # (B, 1, K, 2)
    sampled = F.grid_sample(features, grid, 'bilinear', 'border', align_corners=True)
    return torch.movedim(sampled.squeeze(2), 1, 2)


def sample_at_landmarks(features: Tensor, coordinates: Tensor, geometry: HeatmapGeometry) -> Tensor:
    """Read a feature map of any size at landmarks, in the alignment of their heatmaps.

    Args:
        features: (B, C, h, w) feature maps.
        coordinates: (B, K, 2) landmarks (x, y) in input px.
        geometry: How the cells of the heatmaps lie over the input.

    Returns:
        (B, K, C), see `sample_features`.
    """
    size = features.shape[-1], features.shape[-2]
    on_map = HeatmapGeometry(geometry.input_size, size, geometry.alignment)
    return sample_features(features, on_map.to_heatmap(coordinates))
