"""The factor of a decoder's covariances, and how it holds for faces that it was not fitted to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmpose_multilat.evaluation.calibration import (
    FITS,
    Reliability,
    coverage,
    halve,
    rank_correlation,
    rank_correlation_within_landmarks,
    reliability,
    squared_mahalanobis,
    variance,
)

from .residuals import Residuals


@dataclass(frozen=True)
class Half:
    """A factor fitted to one half of the faces, and what it does for the other half.

    Attributes:
        seed: Of the draw of the halves.
        faces: Number of faces it was fitted to.
        scale: The factor.
        variance: Variance of the normalised error of the other half; 1 if it holds.
        coverage: Level -> share of the other half's errors in the ellipses of that level.
    """

    seed: int
    faces: int
    scale: float
    variance: float
    coverage: dict[float, float]


@dataclass(frozen=True)
class Fitted:
    """The calibration of a decoder.

    Attributes:
        decoder: Its label.
        codec: Its class.
        scales: Way of the fit -> `covariance_scale` fitted to all faces.
        halves: Way of the fit -> one for each draw of halves.
        rank_correlation: Of predicted and actual error over all landmarks.
        rank_correlation_within_landmarks: The same within each landmark over the faces, the mean.
        reliability: Of the other half of the first draw, with the factor of mean squares.
        root_mean_square_error: Of a coordinate, in input px.
        landmarks: Number of landmarks with error and covariance.
        left_out: Number of labelled landmarks without a usable covariance.
    """

    decoder: str
    codec: str
    scales: dict[str, float]
    halves: dict[str, list[Half]]
    rank_correlation: float
    rank_correlation_within_landmarks: float
    reliability: Reliability
    root_mean_square_error: float
    landmarks: int
    left_out: int


def fit_decoder(
    decoder: str,
    codec: str,
    present_scale: float,
    errors: np.ndarray,
    covariances: np.ndarray,
    groups: Sequence[str],
    seeds: Sequence[int],
) -> Fitted:
    """Fit the factor of a decoder's covariances in every way, to all faces and to halves of them.

    Args:
        decoder: Label of the decoder.
        codec: Its class.
        present_scale: Its `covariance_scale`, which is in the covariances.
        errors: (N, K, 2) errors in input px.
        covariances: (N, K, 2, 2) in input px squared.
        groups: Group of each face, N; no group is in both halves.
        seeds: One for each draw of halves, at least one.

    Returns:
        The calibration.

    Raises:
        ValueError: If there is no landmark with a covariance, or none in a half of a draw, or only
            one group of faces.
    """
    squares = squared_mahalanobis(errors, covariances)  # (N, K)
    usable = np.isfinite(squares)
    if not usable.any():
        raise ValueError(f'{decoder} gives no landmark of this test set a covariance')
    draws = {seed: halve(groups, seed) for seed in seeds}
    if not all(usable[half].any() and usable[~half].any() for half in draws.values()):
        raise ValueError(
            f'{decoder}: a half of the faces has no landmark with a covariance; use more faces'
        )
    first = draws[seeds[0]]
    scale = FITS['mean_square'](squares[first])
    return Fitted(
        decoder=decoder,
        codec=codec,
        scales={way: present_scale * fit(squares) for way, fit in FITS.items()},
        halves={
            way: [_check(squares, half, seed, way, present_scale) for seed, half in draws.items()]
            for way in FITS
        },
        rank_correlation=rank_correlation(errors, covariances),
        rank_correlation_within_landmarks=rank_correlation_within_landmarks(errors, covariances),
        reliability=reliability(errors[~first], covariances[~first] * scale),
        root_mean_square_error=float(np.sqrt(np.square(errors[usable]).mean())),
        landmarks=int(usable.sum()),
        left_out=int((np.isfinite(errors).all(-1) & ~usable).sum()),
    )


def fit_decoders(
    decoders: Mapping[str, Any], residuals: Residuals, seeds: Sequence[int]
) -> list[Fitted]:
    """`fit_decoder` for every decoder.

    Args:
        decoders: Decoders by label.
        residuals: What they have found.
        seeds: One for each draw of halves.

    Raises:
        ValueError: As `fit_decoder`.
    """
    return [
        fit_decoder(
            label,
            type(codec).__name__,
            codec.covariance_scale,
            residuals.errors[label],
            residuals.covariances[label],
            residuals.groups,
            seeds,
        )
        for label, codec in decoders.items()
    ]


def _check(squares: np.ndarray, half: np.ndarray, seed: int, way: str, present: float) -> Half:
    """Fit to the faces of a half, (N,) bool, and look at the others."""
    factor = FITS[way](squares[half])
    others = squares[~half] / factor
    return Half(seed, int(half.sum()), present * factor, variance(others), coverage(others))
