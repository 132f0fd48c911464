"""Splines through control points; the drawing and the landmarks are samples of the same curves."""

from __future__ import annotations

import numpy as np


def spline(control: np.ndarray, samples: int) -> np.ndarray:
    """Catmull-Rom spline through control points.

    Args:
        control: (N, D) control points, N >= 2.
        samples: Points per segment; the control points are points 0, samples, 2 * samples, ...

    Returns:
        ((N - 1) * samples + 1, D) points on the curve. The end tangents are those of a straight
        continuation, so reversing the control points reverses the curve exactly.
    """
    control = np.asarray(control, dtype=float)
    padded = np.concatenate(
        [2 * control[:1] - control[1:2], control, 2 * control[-1:] - control[-2:-1]]
    )
    before, start, end, after = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    t = (np.arange(samples) / samples)[None, :, None]
    # The basis of Catmull and Rom (1974) with tension 1/2.
    points = 0.5 * (
        2 * start[:, None]
        + (end - before)[:, None] * t
        + (2 * before - 5 * start + 4 * end - after)[:, None] * t**2
        + (3 * start - before - 3 * end + after)[:, None] * t**3
    )
    return np.concatenate([points.reshape(-1, control.shape[1]), control[-1:]])


def resample(points: np.ndarray, count: int) -> np.ndarray:
    """Points at equal distances along a polyline.

    Args:
        points: (N, D) polyline.
        count: Number of points wanted, both ends included.

    Returns:
        (count, D) points.
    """
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    wanted = np.linspace(0.0, length[-1], count)
    return np.stack(
        [np.interp(wanted, length, points[:, axis]) for axis in range(points.shape[1])], axis=1
    )


def mirror(points: np.ndarray) -> np.ndarray:
    """Mirror points at the vertical axis x = 0; keeps the order of the points."""
    return np.asarray(points, dtype=float) * np.array([-1.0, 1.0])


def smoothstep(low: float, high: float, value: np.ndarray) -> np.ndarray:
    """Cubic ramp from 0 (value <= low) to 1 (value >= high), elementwise."""
    t = np.clip((np.asarray(value, dtype=float) - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)
