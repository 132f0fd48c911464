"""Everything inside the face, painted on the lit skin along the face's curves."""

from __future__ import annotations

import numpy as np

from .appearance import Appearance, noise
from .canvas import Canvas, Mask, loop, stroke
from .curves import spline
from .eyes import draw_eye
from .geometry import Geometry
from .skin import Surface

_GUMS, _TEETH = (52.0, 46.0, 120.0), (205.0, 222.0, 230.0)
_THROAT = (22.0, 18.0, 46.0)


def draw_features(canvas: Canvas, geometry: Geometry, look: Appearance, surface: Surface) -> None:
    """Paint everything inside the face."""
    _draw_nose(canvas, geometry)
    _draw_mouth(canvas, geometry, look, surface)
    for side in ('left', 'right'):
        draw_eye(canvas, geometry, look, surface, side)
        _draw_brow(canvas, geometry, look, surface, side)


def _draw_brow(
    canvas: Canvas, geometry: Geometry, look: Appearance, surface: Surface, side: str
) -> None:
    upper, lower = (geometry.image[f'brow_{name}_{side}'] for name in ('upper', 'lower'))
    area = canvas.polygon(loop(upper, lower), margin=6)
    if area is None:
        return
    rng = np.random.default_rng([look.texture_seed, 2, int(side == 'left')])
    colour = surface.lit(area, np.asarray(look.hair) * 0.75)
    grain = noise(rng, area.values.shape[::-1], 1.3)
    cover = area.blurred(0.008 * geometry.unit).times(np.clip(0.72 + 0.12 * grain, 0, 1))
    canvas.paint(cover, colour)
    place = rng.uniform(1.5, len(upper) - 1, 40)  # single hairs lean outwards
    roots = resample_at(lower, place)
    height = resample_at(upper, place) - roots
    start = roots + rng.uniform(-0.05, 0.6, (40, 1)) * height
    tip = start + 0.7 * height + resample_at(upper, place - 1.2) - resample_at(upper, place)
    hairs = canvas.lines(list(np.stack([start, tip], axis=1)), 0.009 * geometry.unit)
    if hairs is not None:
        canvas.paint(hairs.times(0.6).times(area), 0.7 * colour.mean(axis=(0, 1)))


def resample_at(curve: np.ndarray, place: np.ndarray) -> np.ndarray:
    """(N, 2) points of a polyline at fractional indices."""
    index = np.arange(len(curve))
    return np.stack([np.interp(place, index, curve[:, axis]) for axis in range(2)], axis=1)


def _draw_nose(canvas: Canvas, geometry: Geometry) -> None:
    unit = geometry.unit
    base = geometry.plane['nose_base']
    for side in (-1, 1):
        wing = base[8 + 8 * side]
        rim = np.array(
            [
                wing + [0.005 * side, -0.075],
                wing + [0.022 * side, -0.035],
                wing + [0.004 * side, 0.0],
                wing + [-0.035 * side, 0.006],
            ]
        )
        stroke(canvas, geometry.on_face(spline(rim, 4)), 0.018 * unit, 0.35, (0.45, 0.42, 0.55))
        hole = base[8 + 5 * side] + [0.0, -0.012]
        angle = np.linspace(0, 2 * np.pi, 20, endpoint=False)
        oval = hole + np.stack(
            [0.036 * np.cos(angle), 0.014 * np.sin(angle) + 0.006 * np.cos(angle) * side], axis=1
        )
        nostril = canvas.polygon(geometry.on_face(oval), margin=4)
        if nostril is not None:
            canvas.shade(nostril.blurred(0.008 * unit).times(0.85), (0.18, 0.18, 0.28))
    stroke(canvas, geometry.image['nose_base'], 0.016 * unit, 0.4, (0.5, 0.5, 0.6))


def _draw_mouth(canvas: Canvas, geometry: Geometry, look: Appearance, surface: Surface) -> None:
    unit = geometry.unit
    curves = {
        name: geometry.image[f'lip_{name}']
        for name in ('outer_upper', 'outer_lower', 'inner_upper', 'inner_lower')
    }
    lips = canvas.polygon(loop(curves['outer_upper'], curves['outer_lower']), margin=4)
    if lips is None:
        return
    rng = np.random.default_rng([look.texture_seed, 3])
    grain = 1 + 0.05 * noise(rng, lips.values.shape[::-1], 2)[..., None]
    strength = 0.9 if look.makeup else 0.72
    canvas.paint(
        lips.blurred(0.006 * unit).times(strength), surface.lit(lips, np.asarray(look.lips)) * grain
    )
    gloss = canvas.line(
        curves['outer_lower'][9:16] * 0.55 + curves['inner_lower'][5:12] * 0.45,
        0.02 * unit,
        margin=6,
    )
    if gloss is not None:
        canvas.paint(gloss.blurred(0.015 * unit).times(0.12 + 0.25 * look.shine), (235, 235, 245))
    hole = canvas.polygon(loop(curves['inner_upper'], curves['inner_lower']), margin=4)
    if hole is not None and geometry.mouth_open > 0.01:
        _draw_cavity(canvas, geometry, curves, hole)
    stroke(canvas, curves['inner_upper'], 0.016 * unit, 0.75, (0.28, 0.25, 0.35))
    stroke(canvas, curves['outer_lower'][6:19], 0.014 * unit, 0.2, 0.6)


def _draw_cavity(canvas: Canvas, geometry: Geometry, curves: dict, hole: Mask) -> None:
    """Throat, tongue and upper teeth of an open mouth."""
    unit = geometry.unit
    canvas.paint(hole, _THROAT)
    upper, lower = curves['inner_upper'], curves['inner_lower']
    tongue = canvas.polygon(loop(0.42 * upper[3:14] + 0.58 * lower[3:14], lower[3:14]), margin=6)
    if tongue is not None:
        canvas.paint(tongue.blurred(0.02 * unit).times(hole), _GUMS)
    height = min(0.07 * unit, 0.55 * float(np.linalg.norm(upper[8] - lower[8])))
    down = geometry.camera.rotation[:2, 1] * height
    edge = upper[2:15] + np.outer(np.sin(np.linspace(0.5, np.pi - 0.5, 13)), down)
    teeth = canvas.polygon(loop(upper[2:15], edge), margin=4)
    if teeth is None:
        return
    teeth = teeth.times(hole)
    canvas.paint(teeth.times(0.95), np.asarray(_TEETH) * 0.85)
    for index in range(1, 12, 2):
        gap = canvas.line(np.stack([upper[index + 2], edge[index]]), 0.006 * unit)
        if gap is not None:
            canvas.shade(gap.times(teeth).times(0.5), 0.6)
    shade = canvas.line(upper, 0.04 * unit, margin=4)
    if shade is not None:
        canvas.shade(shade.blurred(0.01 * unit).times(hole).times(0.5), 0.4)
