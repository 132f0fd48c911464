"""What heatmaps of a network differ by from the Gaussians that it was taught."""

from dataclasses import dataclass

import torch
from scipy.stats import spearmanr
from torch import Tensor

from mmpose_multilat.codecs import GaussianMLE
from mmpose_multilat.multilateration import (
    cell_pitch,
    encode_gaussian,
    surrounding_window,
)
from mmpose_multilat.tools.command_line import UserError

from .bumps import fit_bumps

LAGS = dict(right=(0, 1), below=(1, 0), diagonal=(1, 1), two_right=(0, 2), two_below=(2, 0))
"""Name -> rows and columns from a cell to its partner."""


@dataclass(frozen=True)
class Noise:
    """What a network's heatmaps differ by from the Gaussians that it was taught.

    Attributes:
        heatmap_size: Side of the heatmaps in cells.
        landmarks: Number of labelled landmarks with a fitted bump.
        residual: Root mean square of the cells' residuals in the window round the bump.
        correlation: Neighbour -> correlation of the residuals of a cell and that neighbour.
        height: Mean and standard deviation of the height of the bumps; taught is 1.
        width: The same of their width (sigma) in heatmap px.
        taught_width: The width that was taught, in heatmap px.
        shape_explained: Part of the squared difference between heatmap and taught Gaussian, over
            the whole grid, that vanishes when the Gaussian may move and change its height: the
            heatmap is a clean bump at another place.
        predicted_error: Root mean square error of a coordinate that independent noise of the size
            of the residual would cause, in input px.
        actual_error: The true one, in input px.
        bias: Mean error (x, y) over all landmarks, in input px.
        shares: Parts of the mean square error: `landmark` (each landmark's mean over the faces),
            `face` (each face's mean over its landmarks, of the rest), `rest`.
        rank_correlation: Quantity -> Spearman's correlation with the error.
    """

    heatmap_size: int
    landmarks: int
    residual: float
    correlation: dict[str, float]
    height: tuple[float, float]
    width: tuple[float, float]
    taught_width: float
    shape_explained: float
    predicted_error: float
    actual_error: float
    bias: tuple[float, float]
    shares: dict[str, float]
    rank_correlation: dict[str, float]


def analyse(codec: GaussianMLE, heatmaps: Tensor, true: Tensor) -> Noise:
    """Compare heatmaps with Gaussians.

    Args:
        codec: Finds the bumps.
        heatmaps: (N, K, H, W) heatmaps of N faces with K landmarks.
        true: (N, K, 2) true landmarks in heatmap px; NaN where they are not labelled.

    Returns:
        What was found.

    Raises:
        UserError: If no landmark is labelled and has a bump.
    """
    found, scores, covariances = codec.locate(heatmaps, covariances=True)
    counted = (scores > 0) & true.isfinite().all(-1)  # (N, K)
    if not counted.any():
        raise UserError('no labelled landmark has a bump in its heatmap; check the checkpoint')
    pitch, _ = cell_pitch(codec.input_size, codec.heatmap_size, codec.alignment)
    errors = pitch * (found - true).masked_fill(~counted[..., None], torch.nan)
    heatmaps, found, true = heatmaps[counted], found[counted], true[counted]  # (M, ...)
    corners, windows = surrounding_window(heatmaps, found.round().long(), codec.window_size)
    residuals = subtract_bump(windows, found - corners, codec.sigma)
    bumps = fit_bumps(windows, found - corners, codec.sigma)
    sizes = residuals.square().mean((-2, -1)).sqrt()
    deviations = covariances[counted].diagonal(dim1=-2, dim2=-1).mean(-1).sqrt()
    lengths = errors[counted].norm(dim=-1)
    quantities = dict(
        residual=sizes, lower_height=-bumps.height, width=bumps.width, predicted=deviations
    )
    return Noise(
        heatmap_size=codec.heatmap_size[0],
        landmarks=len(found),
        residual=residuals.square().mean().sqrt().item(),
        correlation={name: neighbour_correlation(residuals, *lag) for name, lag in LAGS.items()},
        height=_mean_and_deviation(bumps.height),
        width=_mean_and_deviation(bumps.width),
        taught_width=codec.sigma,
        shape_explained=shape_explained(heatmaps, found, true, codec.sigma),
        predicted_error=pitch * deviations.square().mean().sqrt().item(),
        actual_error=errors[counted].square().mean().sqrt().item(),
        bias=tuple(errors[counted].mean(0).tolist()),
        shares=shares_of_error(errors),
        rank_correlation={
            name: float(spearmanr(each.numpy(), lengths.numpy()).statistic)
            for name, each in quantities.items()
        },
    )


def subtract_bump(windows: Tensor, positions: Tensor, sigma: float) -> Tensor:
    """What a Gaussian of best height at (M, 2) positions (x, y) leaves of (M, h, w) windows."""
    height, width = windows.shape[-2:]
    bumps = encode_gaussian(positions, (width, height), sigma)
    peaks = (windows * bumps).sum((-2, -1)) / bumps.square().sum((-2, -1))
    return windows - peaks[:, None, None] * bumps


def shape_explained(heatmaps: Tensor, found: Tensor, true: Tensor, sigma: float) -> float:
    """See `Noise.shape_explained`; (M, H, W) heatmaps, (M, 2) found and true landmarks."""
    height, width = heatmaps.shape[-2:]
    taught = encode_gaussian(true, (width, height), sigma)
    left = subtract_bump(heatmaps, found, sigma)
    return 1 - (left.square().sum() / (heatmaps - taught).square().sum()).item()


def neighbour_correlation(residuals: Tensor, rows: int, columns: int) -> float:
    """Correlation of (M, h, w) residuals with those some rows and columns further on."""
    height, width = residuals.shape[-2:]
    first = residuals[..., : height - rows, : width - columns]
    second = residuals[..., rows:, columns:]
    scale = (first.square().mean() * second.square().mean()).sqrt()
    return ((first * second).mean() / scale).item()


def shares_of_error(errors: Tensor) -> dict[str, float]:
    """See `Noise.shares`; (N, K, 2) errors, NaN where there is none."""
    total = errors.square().nanmean()
    rest = errors - errors.nanmean(0, keepdim=True)
    landmark = total - rest.square().nanmean()
    left = rest - rest.nanmean(1, keepdim=True)
    face = rest.square().nanmean() - left.square().nanmean()
    parts = dict(landmark=landmark, face=face, rest=total - landmark - face)
    return {name: (part / total).item() for name, part in parts.items()}


def _mean_and_deviation(values: Tensor) -> tuple[float, float]:
    return values.mean().item(), values.std().item()
