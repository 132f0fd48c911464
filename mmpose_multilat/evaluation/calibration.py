"""Whether predicted covariances are right, and the one factor that makes them so.

The measure is the squared Mahalanobis distance m = e' C^-1 e of an error e with predicted
covariance C. If errors are Gaussian and the covariances right, m has the mean 2 (two coordinates),
the median 2 ln 2, and lies below -2 ln(1 - p) for a share p of the landmarks. All of them are
invariant when image and error are scaled or moved, so errors may stand in any px.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import spearmanr

LEVELS = (0.50, 0.68, 0.90, 0.95)
"""Shares of the errors that ellipses are to hold."""

BINS = 10
"""Of the reliability curve, with equally many landmarks each."""

FEWEST_RANKED = 3
"""Fewer values have no meaningful correlation of ranks."""


@dataclass(frozen=True)
class Reliability:
    """Predicted and actual error in bins of the predicted one, each the same number of landmarks.

    Attributes:
        predicted: (M,) root of the mean predicted variance of a coordinate, in px, ascending.
        actual: (M,) root mean square error of a coordinate, in px.
    """

    predicted: np.ndarray
    actual: np.ndarray


def squared_mahalanobis(errors: np.ndarray, covariances: np.ndarray) -> np.ndarray:
    """Squared errors in units of their predicted variance.

    Args:
        errors: (..., 2) predicted minus true landmark (x, y) in px.
        covariances: (..., 2, 2) predicted covariances in px squared.

    Returns:
        (...) squared distances without unit, float64; NaN where an input is not finite or a
        covariance is not positive definite.
    """
    x, y = np.moveaxis(errors.astype(np.float64), -1, 0)
    xx, xy, _, yy = covariances.astype(np.float64).reshape(*covariances.shape[:-2], 4).T
    xx, xy, yy = xx.T, xy.T, yy.T
    determinant = xx * yy - xy * xy
    usable = (determinant > 0) & (xx > 0) & np.isfinite(determinant)
    squares = yy * x * x - 2 * xy * x * y + xx * y * y
    return np.where(usable, squares, np.nan) / np.where(usable, determinant, 1.0)


def variance(squares: np.ndarray) -> float:
    """Variance of the normalised error: 1 if covariances are right, more if they are too small.

    Args:
        squares: Squared Mahalanobis distances of any shape; NaN is left out.
    """
    return float(np.nanmean(squares)) / 2


def robust_variance(squares: np.ndarray) -> float:
    """Like `variance`, but from the median, on which few large errors have no influence."""
    return float(np.nanmedian(squares)) / (2 * math.log(2))


FITS = dict(mean_square=variance, median=robust_variance)
"""How the factor on the covariances is found. `mean_square`: the normalised error has variance 1
afterwards. `median`: half of the errors lie in the ellipses that are to hold half of them."""


def coverage(squares: np.ndarray, levels: Sequence[float] = LEVELS) -> dict[float, float]:
    """Share of the landmarks whose error lies in the ellipse that is to hold a share of them.

    Args:
        squares: Squared Mahalanobis distances of any shape; NaN is left out.
        levels: Shares that are aimed at, below 1.

    Returns:
        Level -> share that is reached.
    """
    defined = squares[~np.isnan(squares)]
    return {level: float((defined <= -2 * math.log(1 - level)).mean()) for level in levels}


def reliability(errors: np.ndarray, covariances: np.ndarray, bins: int = BINS) -> Reliability:
    """Predicted against actual error.

    Args:
        errors: (..., 2) errors in px.
        covariances: (..., 2, 2) predicted covariances in px squared.
        bins: Number of bins.

    Returns:
        The curve; landmarks that are not finite are left out.
    """
    predicted, actual = mean_squares(errors, covariances)
    order = np.argsort(predicted, kind='stable')
    parts = [each for each in np.array_split(order, bins) if len(each)]
    return Reliability(
        np.sqrt([predicted[each].mean() for each in parts]),
        np.sqrt([actual[each].mean() for each in parts]),
    )


def rank_correlation(errors: np.ndarray, covariances: np.ndarray) -> float:
    """Spearman's correlation of predicted and actual error over all landmarks.

    Args:
        errors: (..., 2) errors in px.
        covariances: (..., 2, 2) predicted covariances in px squared.

    Returns:
        From -1 to 1; NaN with fewer than 3 landmarks, or if one of the two is always the same.
    """
    return _spearman(*mean_squares(errors, covariances))


def rank_correlation_within_landmarks(errors: np.ndarray, covariances: np.ndarray) -> float:
    """Mean over the K landmarks of `rank_correlation` over the N faces.

    That some landmarks are harder than others does not help here: it says whether a covariance
    tells the faces apart in which a landmark is wrong.

    Args:
        errors: (N, K, 2) errors in px.
        covariances: (N, K, 2, 2) predicted covariances in px squared.
    """
    each = [
        rank_correlation(errors[:, index], covariances[:, index])
        for index in range(errors.shape[1])
    ]
    return float(np.nanmean(each)) if np.isfinite(each).any() else math.nan


def halve(groups: Sequence[str], seed: int) -> np.ndarray:
    """Draw about half of the faces such that no group is in both halves.

    Args:
        groups: Group of each of the N faces, a person for example.
        seed: Of the draw.

    Returns:
        (N,) bool, the faces of the first half. Groups are drawn until they hold half of the faces.

    Raises:
        ValueError: If there is only one group.
    """
    names, members = np.unique(np.asarray(groups), return_inverse=True)
    if len(names) < 2:
        raise ValueError(f'two halves need at least two groups of faces, got {len(names)}')
    order = np.random.default_rng(seed).permutation(len(names))
    faces = np.bincount(members)[order].cumsum()
    # At least one group on each side, whatever their sizes.
    taken = int(np.clip(np.searchsorted(faces, len(members) / 2) + 1, 1, len(names) - 1))
    return np.isin(members, order[:taken])


def mean_squares(errors: np.ndarray, covariances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Predicted and actual square error of a coordinate, mean of x and y.

    Args:
        errors: (..., 2) errors in px.
        covariances: (..., 2, 2) covariances in px squared.

    Returns:
        (M,) each in px squared, of the M landmarks where both are finite.
    """
    predicted = np.trace(covariances.astype(np.float64), axis1=-2, axis2=-1).ravel() / 2
    actual = np.square(errors.astype(np.float64)).mean(-1).ravel()
    finite = np.isfinite(predicted) & np.isfinite(actual)
    return predicted[finite], actual[finite]


def _spearman(first: np.ndarray, second: np.ndarray) -> float:
    if len(first) < FEWEST_RANKED or not np.ptp(first) or not np.ptp(second):
        return math.nan
    return float(spearmanr(first, second).statistic)
