"""Hair, caps and head scarves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from .appearance import Appearance, noise
from .body import skull_light, trunk
from .canvas import Canvas, Mask
from .curves import mirror, spline
from .geometry import Geometry

# Hairlines in the face plane, from the ear (x > 0) over the temple to the middle.
_HAIRLINES = dict(
    short=np.array(
        [(0.8, 0.1), (0.74, -0.1), (0.7, -0.38), (0.58, -0.62), (0.3, -0.74), (0.0, -0.76)]
    ),
    parted=np.array(
        [(0.8, 0.15), (0.75, -0.05), (0.71, -0.3), (0.62, -0.55), (0.36, -0.72), (0.05, -0.8)]
    ),
    fringe=np.array(
        [(0.8, 0.2), (0.76, 0.0), (0.72, -0.2), (0.6, -0.33), (0.3, -0.39), (0.0, -0.4)]
    ),
    long=np.array(
        [(0.78, 0.3), (0.74, 0.0), (0.67, -0.3), (0.52, -0.58), (0.25, -0.74), (0.0, -0.82)]
    ),
    curly=np.array(
        [(0.8, 0.12), (0.75, -0.1), (0.7, -0.38), (0.56, -0.6), (0.3, -0.68), (0.0, -0.68)]
    ),
    cap=np.array(
        [(0.8, -0.2), (0.76, -0.33), (0.72, -0.42), (0.6, -0.5), (0.3, -0.53), (0.0, -0.53)]
    ),
    scarf=np.array(
        [(0.77, 0.3), (0.75, 0.0), (0.7, -0.3), (0.57, -0.58), (0.3, -0.72), (0.0, -0.76)]
    ),
)
# How far each style stands off the skull, and how far down it reaches beside the face.
_VOLUME = dict(short=1.06, parted=1.1, fringe=1.1, long=1.12, curly=1.3, cap=1.07, scarf=1.1)
_SIDE_END = dict(short=0.12, parted=0.22, fringe=0.3, long=0.6, curly=0.35, cap=-0.12, scarf=1.3)
# Strands run away from here; above the outline of the hair, so that they look combed, not starry.
_CROWN = np.array([0.0, -1.45, -0.6])


def draw_back_hair(canvas: Canvas, geometry: Geometry, look: Appearance) -> None:
    """Paint what hangs behind the neck: long hair or the back of a scarf."""
    if look.hair_style not in ('long', 'scarf'):
        return
    outline, _ = geometry.skull(_VOLUME[look.hair_style] + 0.08 * look.hair_volume)
    _, foot, axes = trunk(geometry)
    reach = 0.55 if look.hair_style == 'long' else 0.25
    hem = (
        foot
        + np.array([(-0.95, reach), (-0.5, reach + 0.1), (0.5, reach + 0.1), (0.95, reach)]) @ axes
    )
    mask = canvas.polygon(cv2.convexHull(np.concatenate([outline, hem]).astype(np.float32))[:, 0])
    if mask is not None:
        canvas.paint(mask, 0.55 * _texture(mask, geometry, look))


def draw_hair(canvas: Canvas, geometry: Geometry, look: Appearance) -> Mask | None:
    """Paint hair or a covering in front of the head.

    Returns:
        Its coverage, or None for a bald head.
    """
    if look.hair_style == 'bald':
        return None
    if look.hair_style != 'cap':
        return _draw_layer(canvas, geometry, look)
    under = _draw_layer(canvas, geometry, replace(look, hair_style='short'))
    cap = _draw_layer(canvas, geometry, look)
    peak = _draw_peak(canvas, geometry, look)
    return _union([under, cap, peak], canvas.size)


def _draw_layer(canvas: Canvas, geometry: Geometry, look: Appearance) -> Mask | None:
    mask = _coverage(canvas, geometry, look)
    if mask is not None:
        shadow = mask.blurred(0.03 * geometry.unit)
        canvas.shade(shadow.times(0.5), (0.55, 0.55, 0.6))
        canvas.paint(mask, _texture(mask, geometry, look))
    return mask


def _union(masks: Sequence[Mask | None], size: int) -> Mask:
    values = np.zeros((size, size), np.float32)
    for mask in masks:
        if mask is not None:
            np.maximum(values[mask.window], mask.values, out=values[mask.window])
    return Mask(values, (0, 0))


def _coverage(canvas: Canvas, geometry: Geometry, look: Appearance) -> Mask | None:
    style = look.hair_style
    rng = np.random.default_rng([look.texture_seed, 6])
    grow = _VOLUME[style] + (0.1 if style != 'cap' else 0.02) * look.hair_volume
    outline, _ = geometry.skull(grow)
    if style not in ('cap', 'scarf'):
        outline = _ruffle(outline, geometry.skull_centre(), rng, 0.04 if style == 'curly' else 0.01)
    ear = geometry.project(
        np.array([[-0.8, _SIDE_END[style], -0.9], [0.8, _SIDE_END[style], -0.9]])
    )
    window = _face_window(geometry, style, rng)
    outer = canvas.polygon(outline, margin=10)
    if outer is None:
        return None
    if style in ('long', 'scarf'):  # reaches below the skull
        outer = Mask(outer.full((0, 0), canvas.image.shape), (0, 0))
    inner = canvas.polygon(window, margin=10)
    x, y = outer.grid()
    along = ear[1] - ear[0]
    below = ((x - ear[0][0]) * -along[1] + (y - ear[0][1]) * along[0]) / np.linalg.norm(along)
    values = outer.values * np.clip(0.5 - below / (0.06 * geometry.unit), 0, 1)
    if style in ('long', 'scarf'):
        values = np.maximum(values, _locks(canvas, geometry, style, outer))
    if inner is not None:
        values = values * (1 - inner.full(outer.corner, values.shape))
    soft = 0.006 if style in ('cap', 'scarf') else 0.016
    return Mask(values, outer.corner).blurred(soft * geometry.unit)


def _face_window(geometry: Geometry, style: str, rng: np.random.Generator) -> np.ndarray:
    """(N, 2) px: the part of the face that hair leaves free."""
    right = _HAIRLINES[style] * [geometry.width, 1.0]
    shift = rng.normal(0, 0.025, (len(right), 1)) * [0.3, 1.0]
    left = mirror(right + shift)
    drop = 0.08 if style == 'parted' else 0.0  # the side away from the parting hangs lower
    right = right + shift + np.linspace(0, drop, len(right))[:, None] * [0.0, 1.0]
    line = spline(np.concatenate([left, right[-2::-1]]), 8)
    if style in ('fringe', 'short', 'curly'):
        strength = dict(fringe=0.03, short=0.022, curly=0.035)[style]
        teeth = noise(rng, (len(line), 1), 3.0)[0]
        line = line + np.outer(strength * teeth, [0.2, 1.0])
    space = geometry.relief.silhouette(geometry.camera, line, 0.4)
    top = geometry.project(space)
    contour = geometry.image['contour']
    low = 8 if style in ('long', 'scarf') else 0
    return np.concatenate([top, contour[low : len(contour) - low][::-1]])


def _locks(canvas: Canvas, geometry: Geometry, style: str, outer: Mask) -> np.ndarray:
    """Coverage of what falls down on both sides of the face, in the window of ``outer``."""
    _, foot, axes = trunk(geometry)
    total = np.zeros_like(outer.values)
    outline, _ = geometry.skull(_VOLUME[style])
    for side, rows in ((-1, slice(4, 44, 8)), (1, slice(124, 84, -8))):
        rim = geometry.image['contour'][rows]
        away = rim - geometry.skull_centre()
        away /= np.linalg.norm(away, axis=1, keepdims=True)
        start = geometry.project(np.array([[side * 0.85, -0.35, -0.6]]))
        end = foot + np.array([(side * 0.42, 0.5), (side * 0.95, 0.5)]) @ axes
        outside = rim[::-1] + (0.3 * geometry.unit) * away[::-1]
        inside = rim + (0.02 if style == 'scarf' else -0.02) * geometry.unit * away
        lock = canvas.polygon(np.concatenate([start, inside, end, outside]), margin=4)
        if lock is not None:
            total = np.maximum(total, lock.full(outer.corner, total.shape))
    return total


def _texture(mask: Mask, geometry: Geometry, look: Appearance) -> np.ndarray:
    """(h, w, 3) lit hair: strands that run away from the crown; folds for cloth."""
    rng = np.random.default_rng([look.texture_seed, 7])
    _, to_disc = geometry.skull(_VOLUME[look.hair_style])
    light = skull_light(mask, geometry, to_disc, look)
    if look.hair_style in ('cap', 'scarf'):
        cell = 0.5 if look.hair_style == 'cap' else 0.16
        folds = noise(rng, mask.values.shape[::-1], cell * geometry.unit)
        return (0.9 + 0.1 * folds)[..., None] * light * np.asarray(look.accessory, np.float32)
    if look.hair_style == 'curly':
        strand = noise(rng, mask.values.shape[::-1], 0.045 * geometry.unit)
    else:
        strand = _strands(mask, geometry, look, rng)
    gloss = np.clip(light.mean(axis=2) - 0.75, 0, None) * np.clip(strand, 0, None)
    colour = np.asarray(look.hair, np.float32) * light * (0.85 + 0.17 * strand)[..., None]
    return colour + (40 * gloss)[..., None]


def _strands(
    mask: Mask, geometry: Geometry, look: Appearance, rng: np.random.Generator
) -> np.ndarray:
    x, y = mask.grid()
    part = 0.3 if look.hair_style == 'parted' else 0.0
    crown = geometry.project(_CROWN + [part, 0.0, 0.0])
    angle = np.arctan2(y - crown[1], x - crown[0]) / (2 * np.pi) + 0.5
    radius = np.hypot(x - crown[0], y - crown[1]) / geometry.unit
    sheet = 0.7 * noise(rng, (1024, 64), 1, (260, 8)) + 0.6 * noise(rng, (1024, 64), 1, (90, 5))
    waves = 0.012 * np.sin(5 * radius + rng.uniform(0, 6))
    columns = ((angle + waves) * 1023).astype(np.float32)
    rows = np.clip(radius * 25, 0, 63).astype(np.float32)
    return cv2.remap(sheet, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _ruffle(
    outline: np.ndarray, centre: np.ndarray, rng: np.random.Generator, strength: float
) -> np.ndarray:
    wave = noise(rng, (len(outline), 1), 2.5)[0]
    wave[-1] = wave[0]
    return centre + (outline - centre) * (1 + strength * wave)[:, None]


def _draw_peak(canvas: Canvas, geometry: Geometry, look: Appearance) -> Mask | None:
    """The peak of a cap stands forward over the forehead."""
    rim = spline(
        np.array([(-0.62, -0.46), (-0.35, -0.52), (0, -0.54), (0.35, -0.52), (0.62, -0.46)]), 6
    )
    base = geometry.relief.lift(rim)
    bulge = np.sin(np.linspace(0, np.pi, len(rim)))[:, None] ** 0.6
    front = base + bulge * [0.0, 0.17, 0.5]
    front[:, 0] *= 0.97
    polygon = geometry.project(np.concatenate([base, front[::-1]]))
    peak = canvas.polygon(polygon, margin=6)
    if peak is None:
        return None
    canvas.shade(peak.blurred(0.06 * geometry.unit).times(0.6), 0.5)
    colour = (
        0.6
        * np.asarray(look.accessory, np.float32)
        * (
            np.asarray(look.light.ambient, np.float32)
            + 0.5 * np.asarray(look.light.key, np.float32)
        )
    )
    canvas.paint(peak, colour)
    rim_line = canvas.line(geometry.project(front), 0.025 * geometry.unit)
    if rim_line is not None:
        canvas.paint(rim_line.times(0.8), 1.4 * colour)
    return peak
