"""Failure rate, area under the curve, and the curve of cumulative errors itself.

Errors are NMEs of faces as fractions. Faces whose error is undefined (NaN) are left out of all of
these; who reports the numbers counts them.
"""

import numpy as np


def failure_rate(errors: np.ndarray, threshold: float) -> float:
    """Compute the fraction of faces whose error exceeds a threshold.

    Args:
        errors: (N,) errors; NaN is left out.
        threshold: Limit, a fraction; a face exactly at it has not failed.

    Returns:
        Fraction from 0 to 1.

    Raises:
        ValueError: If no error is defined, or the threshold is no fraction.
    """
    return float(np.mean(_defined(errors, threshold) > threshold))


def area_under_curve(errors: np.ndarray, threshold: float) -> float:
    """Compute the area under the curve of cumulative errors up to a threshold, divided by it.

    The integral of the step function is 1 - mean(min(error, threshold)) / threshold, exactly; the
    sums over samples of public codes approach it.

    Args:
        errors: (N,) errors; NaN is left out.
        threshold: End of the integral, a fraction.

    Returns:
        Fraction from 0 (all faces fail) to 1 (no error).

    Raises:
        ValueError: If no error is defined, or the threshold is no fraction.
    """
    # The same as in the docstring, and never below 0 by rounding.
    return float(np.mean(np.maximum(threshold - _defined(errors, threshold), 0.0)) / threshold)


def cumulative_errors(errors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compute the cumulative error distribution (CED).

    Args:
        errors: (N,) errors; NaN is left out.

    Returns:
        The M defined errors in rising order, (M,), and the fraction of faces with at most that
        error, (M,). The curve is a step function that is 0 before the first error.
    """
    defined = np.sort(errors[~np.isnan(errors)])
    return defined, np.arange(1, len(defined) + 1) / max(len(defined), 1)


def check_threshold(threshold: float) -> None:
    """Refuse what is no fraction between 0 and 1: the area up to 8, for 8 %, would be near 1.

    Raises:
        ValueError: Saying how a threshold in percent is written.
    """
    if not 0 < threshold < 1:
        percent = f'; {threshold:g} % is {threshold / 100:g}' if 1 <= threshold < 100 else ''
        raise ValueError(
            f'thresholds must be fractions above 0 and below 1, got {threshold}{percent}'
        )


def _defined(errors: np.ndarray, threshold: float) -> np.ndarray:
    check_threshold(threshold)
    defined = errors[~np.isnan(errors)]
    if len(defined) == 0:
        raise ValueError('there is no face with a defined error')
    return defined
