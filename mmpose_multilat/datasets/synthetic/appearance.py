"""Colours, hair, light, accessories and camera faults of a synthetic face. Colours are BGR."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

Colour = tuple[float, float, float]

HAIR_STYLES: dict[str, float] = dict(
    bald=0.06, short=0.24, parted=0.16, fringe=0.14, long=0.2, curly=0.08, cap=0.07, scarf=0.05
)
"""Hair styles and coverings with their shares."""
OCCLUDERS: dict[str, float] = dict(
    none=0.55,
    glasses=0.17,
    sunglasses=0.06,
    mask=0.05,
    hand=0.05,
    microphone=0.05,
    strand=0.04,
    card=0.03,
)
"""Things in front of the face with their shares."""
BEARDS: dict[str, float] = dict(none=0.72, stubble=0.12, moustache=0.05, full=0.11)
"""Beards with their shares."""

# Skin and hair from light to dark; a face takes a place between two neighbours.
_SKIN = np.array(
    [
        (184, 200, 230),
        (164, 186, 222),
        (138, 166, 208),
        (116, 146, 192),
        (92, 120, 168),
        (70, 96, 142),
        (54, 76, 116),
    ],
    float,
)
_HAIR = np.array(
    [
        (28, 24, 24),
        (34, 40, 56),
        (42, 62, 96),
        (60, 98, 146),
        (110, 160, 200),
        (50, 80, 170),
        (165, 168, 172),
    ],
    float,
)
_IRIS = np.array(
    [(30, 50, 84), (45, 75, 112), (80, 120, 120), (150, 120, 80), (110, 110, 105)], float
)


@dataclass(frozen=True)
class Light:
    """One lamp and a diffuse sky.

    Attributes:
        direction: Unit vector towards the lamp: x right, y down, z towards the viewer.
        key: Colour factor (BGR) of the lamp.
        ambient: Colour factor (BGR) of the sky.
    """

    direction: Colour
    key: Colour
    ambient: Colour


@dataclass(frozen=True)
class Photograph:
    """Faults of the camera; ``blur`` and ``noise`` in px of a 256 px image and grey levels."""

    blur: float
    motion: float
    motion_angle: float
    noise: float
    contrast: float
    grey: bool
    jpeg_quality: int


@dataclass(frozen=True)
class Appearance:
    """How a face looks; ``age`` runs from 0 (smooth) to 1 (wrinkled, grey)."""

    skin: Colour
    blush: float
    shine: float
    freckles: float
    age: float
    hair_style: str
    hair: Colour
    hair_volume: float
    beard: str
    iris: Colour
    lips: Colour
    makeup: bool
    clothes: Colour
    background: tuple[Colour, Colour]
    occluder: str
    accessory: Colour
    light: Light
    photograph: Photograph
    texture_seed: int


def draw_appearance(rng: np.random.Generator) -> Appearance:
    """Draw an :class:`Appearance` from a random generator."""
    skin = _between(_SKIN, rng.random() ** 1.3, rng, 6.0)
    age = float(rng.random() ** 1.6)
    makeup = bool(rng.random() < 0.2)
    style = _choose(HAIR_STYLES, rng)
    beard = 'none' if makeup or style in ('long', 'scarf') else _choose(BEARDS, rng)
    hair = _between(_HAIR, rng.random(), rng, 5.0)
    occluder = _choose(OCCLUDERS, rng)
    if occluder == 'strand' and style in ('bald', 'cap', 'scarf'):
        occluder = 'none'  # no loose hair there
    grey = np.clip((age - 0.65) / 0.35, 0, 1) * rng.random()
    hair = hair + grey * (np.array([172.0, 174.0, 176.0]) - hair)
    rosy = (
        np.array([0.62, 0.58, 0.88])
        if not makeup
        else np.array([rng.uniform(0.3, 0.6), rng.uniform(0.2, 0.45), rng.uniform(0.7, 0.95)])
    )
    return Appearance(
        skin=_tuple(skin),
        blush=float(rng.uniform(0.2, 1.0) + 0.5 * makeup),
        shine=float(rng.uniform(0.05, 0.5)),
        age=age,
        makeup=makeup,
        freckles=float(rng.random()) if rng.random() < 0.2 else 0.0,
        hair_style=style,
        hair=_tuple(hair),
        hair_volume=float(rng.uniform(0.0, 1.0)),
        beard=beard,
        iris=_tuple(_between(_IRIS, rng.random(), rng, 8.0)),
        lips=_tuple(skin * rosy * rng.uniform(0.9, 1.05)),
        clothes=_vivid(rng, 0.7),
        background=(_vivid(rng, 0.45), _vivid(rng, 0.45)),
        occluder=occluder,
        accessory=_vivid(rng, 0.8),
        light=_draw_light(rng),
        photograph=_draw_photograph(rng),
        texture_seed=int(rng.integers(2**31)),
    )


def _draw_light(rng: np.random.Generator) -> Light:
    across, up = rng.uniform(-70, 70), rng.uniform(-15, 60)
    across, up = np.deg2rad([across, up])
    direction = np.array([np.sin(across) * np.cos(up), -np.sin(up), np.cos(across) * np.cos(up)])
    warmth, share = rng.normal(0, 0.06), rng.uniform(0.3, 0.75)
    tint = np.array([1 - warmth, 1.0, 1 + warmth])
    strength = rng.uniform(0.88, 1.12)
    return Light(
        _tuple(direction),
        _tuple(strength * (1 - share) * 1.5 * tint),
        _tuple(strength * share * (2 - tint)),
    )


def _draw_photograph(rng: np.random.Generator) -> Photograph:
    chance = rng.random(3)
    return Photograph(
        blur=float(rng.uniform(0.6, 2.2)) if chance[0] < 0.25 else float(rng.uniform(0, 0.5)),
        motion=float(rng.uniform(2, 7)) if chance[1] < 0.1 else 0.0,
        motion_angle=float(rng.uniform(0, 180)),
        noise=float(np.clip(rng.exponential(2.0), 0.3, 8.0)),
        contrast=float(rng.uniform(0.8, 1.15)),
        grey=bool(chance[2] < 0.06),
        jpeg_quality=int(rng.integers(55, 97)),
    )


def _choose(shares: dict[str, float], rng: np.random.Generator) -> str:
    weights = np.array(list(shares.values()))
    return str(rng.choice(list(shares), p=weights / weights.sum()))


def _between(
    palette: np.ndarray, place: float, rng: np.random.Generator, spread: float
) -> np.ndarray:
    """A colour between two neighbours of a palette, with a little variation."""
    position = place * (len(palette) - 1)
    low = min(int(position), len(palette) - 2)
    colour = palette[low] + (position - low) * (palette[low + 1] - palette[low])
    return np.clip(colour + rng.normal(0, spread, 3), 8, 250)


def _vivid(rng: np.random.Generator, saturation: float) -> Colour:
    hue, strength, value = rng.uniform(0, 180), rng.random() * saturation, rng.uniform(0.15, 0.95)
    pixel = np.array([[[hue, strength * 255, value * 255]]], np.float32).astype(np.uint8)
    return _tuple(cv2.cvtColor(pixel, cv2.COLOR_HSV2BGR)[0, 0])


def _tuple(values: np.ndarray) -> Colour:
    return float(values[0]), float(values[1]), float(values[2])


def noise(
    rng: np.random.Generator,
    extent: tuple[int, int],
    cell: float,
    cells: tuple[int, int] | None = None,
) -> np.ndarray:
    """Smooth noise with mean 0 and deviation about 1.

    Args:
        rng: Source of randomness.
        extent: (width, height) of the result.
        cell: Size of its features in px of the result.
        cells: (columns, rows) of independent values in the result, instead of ``cell``.

    Returns:
        (height, width) float32.
    """
    columns, rows = cells or (int(extent[0] / cell) + 2, int(extent[1] / cell) + 2)
    coarse = rng.standard_normal((rows, columns), dtype=np.float32)
    return cv2.resize(coarse, extent, interpolation=cv2.INTER_CUBIC)
