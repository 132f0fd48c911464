"""How far located landmarks are to be trusted, as numbers for a network."""

import torch
from torch import Tensor

from mmpose_multilat.landmarks import HeatmapGeometry, Located

CONFIDENCES = ('score', 'covariance')
"""The response of the strongest cell (the paper's), or the spread of the codec's covariance."""

SMALLEST_SPREAD = 1e-6
"""Cells squared: no trained network locates to a thousandth of a cell."""


def confidences_of(found: Located, geometry: HeatmapGeometry, kind: str) -> Tensor:
    """Say how far located landmarks are to be trusted; no gradient flows through it.

    Args:
        found: (B, K) landmarks in input px, with covariances for 'covariance'.
        geometry: How the cells of the heatmaps lie over the input.
        kind: One of `CONFIDENCES`.

    Returns:
        (B, K) finite numbers in the scores' dtype: the scores; or minus the logarithm of the trace
        of the covariance in cells squared, where a landmark without score counts as uncertain as
        one that may be anywhere on the heatmap.
    """
    if kind == 'score':
        return found.scores.detach().nan_to_num(0, 0, 0)
    return -spread(found.covariances.detach(), geometry).log().to(found.scores.dtype)


def spread(covariances: Tensor, geometry: HeatmapGeometry) -> Tensor:
    """Traces (B, K) of (B, K, 2, 2) covariances in input px squared, in cells squared."""
    x, y = geometry.pitch
    trace = covariances[..., 0, 0] / x**2 + covariances[..., 1, 1] / y**2
    # Variance of a uniform distribution over the cells.
    anywhere = sum(side**2 for side in geometry.heatmap_size) / 12
    trace = torch.where(trace.isfinite(), trace, torch.full_like(trace, anywhere))
    return trace.clamp(min(SMALLEST_SPREAD, anywhere), anywhere)
