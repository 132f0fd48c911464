"""Glasses and sunglasses."""

from __future__ import annotations

import numpy as np

from .appearance import Appearance
from .canvas import Canvas, Mask
from .curves import spline
from .geometry import Geometry


def draw_glasses(
    canvas: Canvas, geometry: Geometry, look: Appearance, rng: np.random.Generator
) -> list[Mask | None]:
    """Paint glasses.

    Returns:
        The lenses of sunglasses, which hide the eyes; clear glasses hide nothing.
    """
    dark = look.occluder == 'sunglasses'
    width, height = rng.uniform(0.235, 0.285), rng.uniform(0.15, 0.22)
    power = rng.uniform(2.0, 4.0)  # superellipse: 2 round .. 4 nearly square
    thickness = rng.uniform(0.016, 0.05) * geometry.unit
    frame = np.asarray(look.accessory, np.float32) * 0.45
    hidden: list[Mask | None] = []
    for side in (-1, 1):
        lens = _lens(geometry, side, width, height, power)
        glass = canvas.polygon(lens, margin=4)
        if glass is None:
            continue
        if dark:
            x, y = glass.grid()
            ramp = 0.93 - 0.35 * np.clip((y - lens[:, 1].min()) / np.ptp(lens[:, 1]), 0, 1)
            canvas.paint(glass.times(np.broadcast_to(ramp, glass.values.shape)), (22, 18, 16))
            hidden.append(glass)
        _reflection(canvas, lens, glass, 0.35 if dark else 0.18)
        rim = canvas.line(np.concatenate([lens, lens[:1]]), thickness)
        temple = canvas.line(
            geometry.project(
                np.array(
                    [
                        [side * (0.375 + width), 0.0, -0.05],
                        [side * 0.86 * geometry.width, 0.02, -0.9],
                    ]
                )
            ),
            thickness,
        )
        for part in (rim, temple if geometry.camera.rotation[2, 0] * side > -0.25 else None):
            if part is not None:
                canvas.paint(part, frame)
    bridge = spline(np.array([(-0.375 + width, 0.0), (0.0, -0.04), (0.375 - width, 0.0)]), 6)
    line = canvas.line(_before(geometry, bridge), thickness)
    if line is not None:
        canvas.paint(line, frame)
    return hidden


def _before(geometry: Geometry, points: np.ndarray) -> np.ndarray:
    """Points of the glasses' gently bent plane in front of the eyes, in px."""
    bend = 0.13 - 0.28 * points[:, :1] ** 2
    return geometry.project(np.concatenate([points, bend], axis=1))


def _lens(geometry: Geometry, side: int, width: float, height: float, power: float) -> np.ndarray:
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    cos, sin = np.cos(angle), np.sin(angle)
    x = np.sign(cos) * np.abs(cos) ** (2 / power) * width + side * 0.375
    y = np.sign(sin) * np.abs(sin) ** (2 / power) * height + 0.03
    return _before(geometry, np.stack([x, y], axis=1))


def _reflection(canvas: Canvas, lens: np.ndarray, glass: Mask, amount: float) -> None:
    low, high = lens.min(axis=0), lens.max(axis=0)
    across, down = np.array([high[0] - low[0], 0]), np.array([0, high[1] - low[1]])
    band = canvas.polygon(
        np.array([low + 0.25 * across, low + 0.5 * across, low + 0.25 * across + down, low + down]),
        margin=4,
    )
    if band is not None:
        canvas.paint(band.times(glass).times(amount), (245, 240, 235))
