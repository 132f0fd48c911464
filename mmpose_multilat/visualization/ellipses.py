"""Covariances of landmarks as ellipses in an image."""

import math

import cv2
import numpy as np

COLOUR = (60, 220, 255)  # BGR, yellow: neither that of points nor that of lines

DRAWN_SHARE = 0.95
"""Part of the errors of a landmark that its ellipse holds."""

DRAWN_DEVIATIONS = math.sqrt(-2 * math.log(1 - DRAWN_SHARE))
"""2.4477: within so many standard deviations lie 95 % of the errors of a Gaussian in the plane."""

CORNERS = 64
"""Of the polygon that is drawn; it leaves an ellipse by a thousandth of its axes."""

SUBPIXEL_BITS = 4
"""OpenCV draws at 1/16 px when coordinates are shifted by this many bits."""

FARTHEST = 10**5
"""Wild predictions far outside the image must not overflow OpenCV's 32-bit integers."""


def draw_covariances(
    canvas: np.ndarray,
    keypoints: np.ndarray,
    covariances: np.ndarray,
    deviations: float = DRAWN_DEVIATIONS,
    opacity: float = 1.0,
) -> None:
    """Draw the ellipse of the likely errors round every landmark, in lines of 1 px.

    Args:
        canvas: (h, w, 3) uint8 BGR image, changed in place.
        keypoints: (K, 2) landmarks (x, y) in px.
        covariances: (K, 2, 2) in px squared; a landmark is left out where it or its covariance is
            not finite.
        deviations: Size of the ellipses in standard deviations, by default such that they hold 95 %
            of the errors.
        opacity: Of the lines, in [0, 1]. Lines that cannot be thinner than 1 px hide small faces
            less if they are fainter.
    """
    outlines = ellipse_outlines(keypoints, covariances, deviations)
    if not len(outlines):
        return
    size = canvas.shape[1::-1]
    low = np.clip(np.floor(outlines.min((0, 1))) - 1, 0, size).astype(int)
    high = np.clip(np.ceil(outlines.max((0, 1))) + 2, 0, size).astype(int)
    part = canvas[low[1] : high[1], low[0] : high[0]]
    if not part.size:
        return
    # OpenCV's own ellipses know whole degrees only.
    clipped = np.clip(outlines - low, -FARTHEST, FARTHEST)
    fixed = (clipped * (1 << SUBPIXEL_BITS)).round().astype(np.int32)
    drawn = part.copy()
    cv2.polylines(drawn, list(fixed), True, COLOUR, 1, cv2.LINE_AA, SUBPIXEL_BITS)
    part[:] = cv2.addWeighted(drawn, opacity, part, 1 - opacity, 0)


def ellipse_outlines(
    keypoints: np.ndarray, covariances: np.ndarray, deviations: float
) -> np.ndarray:
    """Points on the ellipses of covariances.

    Args:
        keypoints: (K, 2) centres (x, y) in px.
        covariances: (K, 2, 2) in px squared.
        deviations: Size of the ellipses in standard deviations.

    Returns:
        (M, 64, 2) points (x, y) in px, of the M landmarks that are finite, in order.
    """
    keypoints = np.asarray(keypoints, np.float64)
    finite = np.isfinite(keypoints).all(-1) & np.isfinite(covariances).all((-2, -1))
    variances, axes = np.linalg.eigh(np.float64(covariances[finite]))
    # Rounding can make the variance along the short axis of a thin ellipse negative.
    lengths = deviations * np.sqrt(np.maximum(variances, 0))  # (M, 2)
    angles = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    circle = np.stack((np.cos(angles), np.sin(angles)), -1)  # (64, 2)
    offsets = (circle * lengths[:, None]) @ axes.transpose(0, 2, 1)
    return keypoints[finite, None] + offsets
