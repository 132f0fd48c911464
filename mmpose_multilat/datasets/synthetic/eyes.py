"""Eyes: lids, eyeball, iris, pupil and lashes."""

from __future__ import annotations

import numpy as np

from .appearance import Appearance
from .canvas import Canvas, Mask, loop, stroke
from .geometry import Geometry
from .skin import Surface

# Radii in face units: a human iris is 11.7 mm wide, outer eye corners are about 90 mm apart.
IRIS_RADIUS, PUPIL_RADIUS = 0.066, 0.027
_SCLERA = np.array([222.0, 228.0, 232.0], np.float32)
_LASHES = np.array([18.0, 20.0, 26.0], np.float32)


def draw_eye(
    canvas: Canvas, geometry: Geometry, look: Appearance, surface: Surface, side: str
) -> None:
    """Paint one eye; ``side`` is the side of the image, left or right."""
    unit = geometry.unit
    upper, lower = (geometry.image[f'lid_{name}_{side}'] for name in ('upper', 'lower'))
    crease = geometry.on_face(_crease(geometry, side))
    if look.makeup:
        shadow = canvas.polygon(loop(crease, upper), margin=8)
        if shadow is not None:
            canvas.shade(shadow.blurred(0.02 * unit).times(0.5), (0.75, 0.6, 0.7))
    stroke(canvas, crease[2:-2], 0.014 * unit, 0.45, (0.5, 0.45, 0.5))
    opening = canvas.polygon(loop(upper, lower), margin=6)
    if opening is not None:
        _draw_eyeball(canvas, geometry, look, surface, side, opening)
    thickness = 0.034 if look.makeup else 0.022
    lashes = canvas.line(upper, thickness * unit)
    if lashes is not None:
        canvas.paint(lashes.times(0.82), _LASHES)
    stroke(canvas, lower, 0.012 * unit, 0.55, (0.5, 0.5, 0.55))
    if look.makeup:
        _draw_lashes(canvas, geometry, upper)


def disc(geometry: Geometry, side: str, radius: float) -> np.ndarray:
    """(48, 2) outline in px of a disc of the face plane around a pupil; its centre is exact."""
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    circle = radius * np.stack([np.cos(angle), np.sin(angle), np.zeros(48)], axis=1)
    return geometry.project(geometry.space[f'pupil_{side}'] + circle)


def _crease(geometry: Geometry, side: str) -> np.ndarray:
    """The fold above the upper lid, in the face plane."""
    upper = geometry.plane[f'lid_upper_{side}']
    lift = np.sin(np.linspace(0.12, np.pi - 0.2, len(upper)))
    closed = geometry.eye_closure[0 if side == 'left' else 1]
    return upper - np.outer(lift, [0.0, 0.035 + 0.035 * closed])


def _draw_eyeball(
    canvas: Canvas, geometry: Geometry, look: Appearance, surface: Surface, side: str, opening: Mask
) -> None:
    unit = geometry.unit
    x, y = opening.grid()
    upper = geometry.image[f'lid_upper_{side}']
    middle = (upper[0] + upper[-1]) / 2
    along = upper[-1] - upper[0]
    across = ((x - middle[0]) * along[0] + (y - middle[1]) * along[1]) / (along @ along)
    ball = (1 - 1.1 * across**2).astype(np.float32)[..., None]
    # Half of the light of the skin around it: the wet eye scatters less than the lids.
    light = 0.5 + 0.5 * surface.lit(opening, np.ones(3))
    canvas.paint(opening, _SCLERA * ball * light)
    iris = _clipped(canvas, disc(geometry, side, IRIS_RADIUS * geometry.eye_size), opening)
    pupil = _clipped(canvas, disc(geometry, side, PUPIL_RADIUS * geometry.eye_size), opening)
    if iris is not None:
        _draw_iris(canvas, geometry, look, side, iris)
    if pupil is not None:
        canvas.paint(pupil, (10, 10, 12))
    lid = canvas.line(upper, 0.05 * unit, margin=6)
    if lid is not None:  # shadow of the lid on the eyeball
        canvas.shade(lid.blurred(0.012 * unit).times(opening).times(0.55), 0.45)
    _draw_glint(canvas, geometry, look, side, opening)


def _draw_iris(canvas: Canvas, geometry: Geometry, look: Appearance, side: str, iris: Mask) -> None:
    x, y = iris.grid()
    centre = geometry.image[f'pupil_{side}'][0]
    radius = np.hypot(x - centre[0], y - centre[1]) / (IRIS_RADIUS * geometry.unit)
    angle = np.arctan2(y - centre[1], x - centre[0])
    rays = 1 + 0.12 * np.sin(23 * angle) + 0.08 * np.sin(37 * angle + 1)
    tone = (1.25 - 0.2 * radius) * rays * np.where(radius > 0.8, 0.55, 1.0)
    canvas.paint(iris, tone.astype(np.float32)[..., None] * np.asarray(look.iris, np.float32))


def _draw_glint(
    canvas: Canvas, geometry: Geometry, look: Appearance, side: str, opening: Mask
) -> None:
    place = geometry.image[f'pupil_{side}'][0] + (
        0.03 * geometry.unit * np.asarray(look.light.direction[:2])
    )
    angle = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    spot = place + 0.013 * geometry.unit * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    mask = _clipped(canvas, spot, opening)
    if mask is not None:
        canvas.paint(mask.times(0.9), (255, 255, 255))


def _draw_lashes(canvas: Canvas, geometry: Geometry, upper: np.ndarray) -> None:
    down = geometry.camera.rotation[:2, 1]
    for index in range(1, len(upper) - 2, 3):
        outwards = upper[index] - upper[len(upper) // 2]
        tip = upper[index] - (0.035 * down * geometry.unit) + 0.25 * outwards
        stroke(canvas, np.stack([upper[index], tip]), 0.008 * geometry.unit, 0.8, 0.25)


def _clipped(canvas: Canvas, points: np.ndarray, opening: Mask) -> Mask | None:
    mask = canvas.polygon(points)
    return None if mask is None else mask.times(opening)
