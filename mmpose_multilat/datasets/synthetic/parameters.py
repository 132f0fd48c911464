"""Everything that is drawn at random about a synthetic face, as plain numbers."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

import numpy as np

# Mean, standard deviation, smallest and largest value of a clipped normal distribution.
_Spread = tuple[float, float, float, float]
_T = TypeVar('_T')


def _spread(mean: float, deviation: float, low: float, high: float) -> Any:
    """A dataclass field with its neutral value and the distribution it is drawn from."""
    return field(default=mean, metadata=dict(spread=(mean, deviation, low, high)))


@dataclass(frozen=True)
class Shape:
    """Build of a face: factors (1 = mean face) and offsets in units of the eye-corner distance."""

    width: float = _spread(1.0, 0.05, 0.88, 1.12)
    jaw_width: float = _spread(1.0, 0.06, 0.85, 1.15)
    jaw_squareness: float = _spread(0.0, 0.4, -1.0, 1.0)
    chin_length: float = _spread(1.0, 0.06, 0.86, 1.16)
    forehead: float = _spread(1.0, 0.06, 0.85, 1.15)
    eye_size: float = _spread(1.0, 0.05, 0.88, 1.14)
    eye_openness: float = _spread(1.0, 0.16, 0.65, 1.45)
    eye_distance: float = _spread(1.0, 0.035, 0.92, 1.09)
    eye_tilt: float = _spread(0.006, 0.014, -0.03, 0.045)
    brow_height: float = _spread(0.0, 0.028, -0.06, 0.07)
    brow_arch: float = _spread(0.0, 0.025, -0.05, 0.06)
    brow_thickness: float = _spread(1.0, 0.22, 0.55, 1.6)
    nose_length: float = _spread(1.0, 0.06, 0.86, 1.15)
    nose_width: float = _spread(1.0, 0.12, 0.75, 1.4)
    nose_height: float = _spread(1.0, 0.14, 0.7, 1.35)
    mouth_width: float = _spread(1.0, 0.08, 0.82, 1.2)
    mouth_height: float = _spread(0.0, 0.02, -0.045, 0.045)
    upper_lip: float = _spread(1.0, 0.22, 0.55, 1.6)
    lower_lip: float = _spread(1.0, 0.2, 0.6, 1.55)
    cheeks: float = _spread(1.0, 0.35, 0.2, 2.0)


@dataclass(frozen=True)
class Expression:
    """State of the face; every value is 0 on a neutral face with open eyes.

    Pairs are (image left, image right).
    """

    mouth_open: float = 0.0  # gap of the lips in eye-corner distances, 0 .. 0.35
    smile: tuple[float, float] = (0.0, 0.0)  # -0.6 (down) .. 1
    pucker: float = 0.0  # 0 .. 1
    brow_raise: tuple[float, float] = (0.0, 0.0)  # -0.4 .. 1
    frown: float = 0.0  # 0 .. 1
    eye_closure: tuple[float, float] = (0.0, 0.0)  # 0 open .. 1 closed
    gaze: tuple[float, float] = (0.0, 0.0)  # (x, y), -1 .. 1


@dataclass(frozen=True)
class Pose:
    """Turn of the head in degrees and its place in the image.

    ``yaw`` > 0 turns the nose to the right of the image, ``pitch`` > 0 downwards, ``roll`` > 0
    turns the face clockwise. ``box_fraction`` is the longer side of the landmarks' box as a
    fraction of the image, ``offset`` the place of that box in (x, y), -1 .. 1 of the free room.
    """

    yaw: float = _spread(0.0, 17.0, -40.0, 40.0)
    pitch: float = _spread(0.0, 8.0, -20.0, 20.0)
    roll: float = _spread(0.0, 11.0, -35.0, 35.0)
    box_fraction: float = _spread(0.58, 0.05, 0.46, 0.68)
    offset: tuple[float, float] = (0.0, 0.0)


def draw_spread(kind: type[_T], rng: np.random.Generator, **fixed: Any) -> _T:
    """Draw every field of a parameter class that has a distribution.

    Args:
        kind: :class:`Shape` or :class:`Pose`.
        rng: Source of randomness; one number is drawn per field, in the order of the fields.
        **fixed: Values of the other fields.

    Returns:
        An object of that class.
    """
    values: dict[str, Any] = dict(fixed)
    for entry in fields(kind):  # type: ignore[arg-type]
        if 'spread' in entry.metadata:
            mean, deviation, low, high = entry.metadata['spread']
            values[entry.name] = float(np.clip(rng.normal(mean, deviation), low, high))
    return kind(**values)


# Chances of the parts of an expression; the rest of the faces keeps that part neutral.
OPEN_MOUTH_CHANCE, SMILE_CHANCE, PUCKER_CHANCE = 0.35, 0.55, 0.08
BROW_CHANCE, FROWN_CHANCE, CLOSED_EYES_CHANCE, WINK_CHANCE = 0.4, 0.15, 0.08, 0.03
# A smile above this parts the lips.
TOOTHY_SMILE = 0.6


def draw_expression(rng: np.random.Generator) -> Expression:
    """Draw an :class:`Expression`; the two sides of the face differ a little."""
    chance = rng.random(7)
    smile = rng.uniform(-0.45, 1.0) if chance[1] < SMILE_CHANCE else 0.0
    brow = rng.uniform(-0.4, 1.0) if chance[3] < BROW_CHANCE else 0.0
    lids = rng.uniform(0.0, 0.25)
    closure = np.array([lids, lids])
    if chance[5] < CLOSED_EYES_CHANCE:
        closure[:] = rng.uniform(0.75, 1.0)
    elif chance[6] < WINK_CHANCE:
        closure[rng.integers(2)] = 1.0
    sides = rng.normal(0.0, 0.08, (2, 2))
    mouth_open = rng.uniform(0.03, 0.34) if chance[0] < OPEN_MOUTH_CHANCE else 0.0
    if smile > TOOTHY_SMILE and not mouth_open:
        mouth_open = rng.uniform(0.04, 0.09)
    return Expression(
        mouth_open=float(mouth_open),
        smile=_pair(np.clip(smile + sides[0], -0.6, 1.1)),
        pucker=float(rng.uniform(0.3, 1.0)) if chance[2] < PUCKER_CHANCE else 0.0,
        brow_raise=_pair(np.clip(brow + sides[1], -0.5, 1.1)),
        frown=float(rng.uniform(0.3, 1.0)) if chance[4] < FROWN_CHANCE else 0.0,
        eye_closure=_pair(closure),
        gaze=_pair(np.clip(rng.normal(0.0, 0.4, 2), -1.0, 1.0)),
    )


def _pair(values: np.ndarray) -> tuple[float, float]:
    return float(values[0]), float(values[1])
