"""The lit skin of the face: colour and light on the height table, seen through the camera."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from .appearance import Appearance, noise
from .canvas import Canvas, Mask
from .curves import smoothstep, spline
from .geometry import Geometry
from .relief import GRID_DENSITY, GRID_ORIGIN
from .tracing import cast_shadow, normals, trace

# Widens the lit side beyond the terminator; light that enters skin comes out again nearby.
_WRAP = 0.25
_SHINE_POWER = 18


class Surface(NamedTuple):
    """What the camera sees of the height field.

    Attributes:
        corner: (x, y) of the first pixel of the window.
        colour: (h, w, 3) lit skin, BGR 0 .. 255.
        light: (h, w, 3) factor that lights other colours in the same place.
        column, row: (h, w) place in the height table.
        depth: (h, w) height of the seen point above the face plane.
        hit: (h, w) bool, False where the ray misses the face.
    """

    corner: tuple[int, int]
    colour: np.ndarray
    light: np.ndarray
    column: np.ndarray
    row: np.ndarray
    depth: np.ndarray
    hit: np.ndarray

    def lit(self, mask: Mask, colour: np.ndarray) -> np.ndarray:
        """A colour under the light of the face, (h, w, 3) for a mask's window."""
        (x, y), (rows, columns) = mask.corner, mask.values.shape
        x, y = x - self.corner[0], y - self.corner[1]
        place_x = np.clip(np.arange(x, x + columns), 0, self.light.shape[1] - 1)
        place_y = np.clip(np.arange(y, y + rows), 0, self.light.shape[0] - 1)
        return np.asarray(colour, np.float32) * self.light[place_y[:, None], place_x[None]]


def light_surface(geometry: Geometry, look: Appearance, size: int) -> Surface:
    """Light the skin and trace it into the image."""
    heights = geometry.heights
    rotation = geometry.camera.rotation
    lamp = rotation.T @ np.asarray(look.light.direction)
    normal = normals(heights)
    facing = (normal @ lamp.astype(np.float32) + _WRAP) / (1 + _WRAP)
    shadow = cast_shadow(heights, lamp)
    hollow = np.clip(1 - 5.0 * (cv2.GaussianBlur(heights, (0, 0), 7) - heights), 0.45, 1.1)
    sky = 0.85 - 0.15 * (normal @ rotation[1].astype(np.float32))  # brighter from above
    light = (np.clip(facing, 0, None) * (0.35 + 0.65 * shadow))[..., None] * _float(look.light.key)
    light += (sky * hollow)[..., None] * _float(look.light.ambient)
    halfway = lamp + rotation[2]
    halfway /= np.linalg.norm(halfway)
    shine = np.clip(normal @ halfway.astype(np.float32), 0, 1) ** _SHINE_POWER * shadow
    colour = _albedo(geometry, look, heights.shape) * light
    colour += (90 * look.shine * shine)[..., None] * _float(look.light.key)
    corner, extent = geometry.window(size)
    seen = trace(heights, geometry.camera, corner, extent)
    both = [
        cv2.remap(
            table, seen['column'], seen['row'], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        for table in (colour, light)
    ]
    return Surface(corner, both[0], both[1], **seen)


def draw_skin(canvas: Canvas, geometry: Geometry, surface: Surface) -> None:
    """Paint the visible side of the face; the forehead fades into the skull behind it."""
    outline = np.concatenate([geometry.image['contour'], geometry.image['forehead'][1:-1]])
    mask = canvas.polygon(outline)
    if mask is None:
        return
    x = surface.column / GRID_DENSITY + GRID_ORIGIN[0]
    y = surface.row / GRID_DENSITY + GRID_ORIGIN[1]
    # Nose and brow of a turned head may stand out over the cheek's outline.
    beyond = surface.hit & (
        ((np.abs(x) < 0.3) & (y > -0.1) & (y < 0.55))
        | ((np.abs(x) < 0.7) & (y < -0.05) & (y > -0.8))
    )
    extra = cv2.GaussianBlur(beyond.astype(np.float32), (0, 0), 0.5)
    values = np.maximum(mask.full(surface.corner, extra.shape), extra * beyond)
    values *= 1 - smoothstep(-0.8, -1.05, y).astype(np.float32)
    canvas.paint(Mask(values, surface.corner), surface.colour)


def _albedo(geometry: Geometry, look: Appearance, shape: tuple[int, ...]) -> np.ndarray:
    """(rows, columns, 3) float32 colour of the skin without light."""
    rng = np.random.default_rng([look.texture_seed, 1])
    rows, columns = shape[:2]
    x = GRID_ORIGIN[0] + np.arange(columns, dtype=np.float32)[None] / GRID_DENSITY
    y = GRID_ORIGIN[1] + np.arange(rows, dtype=np.float32)[:, None] / GRID_DENSITY
    tip = geometry.plane['nose_bridge'][-1, 1]
    red = 0.9 * (_spot(x, y, 0.45, 0.38, 0.16) + _spot(x, y, -0.45, 0.38, 0.16))
    red += 0.7 * _spot(x, y, 0, tip, 0.1) + 0.3 * _spot(x, y, 0, 1.12, 0.15)
    tired = _spot(x, y, 0.33, 0.06, 0.11) + _spot(x, y, -0.33, 0.06, 0.11)
    tone = 1 + 0.025 * noise(rng, (columns, rows), 14) + 0.01 * noise(rng, (columns, rows), 2.5)
    tone -= (0.06 + 0.12 * look.age) * tired + _lines(geometry, look, shape)
    tone -= 0.16 * look.freckles * _freckles(rng, x, y)
    colour = tone[..., None] * _float(look.skin)
    colour *= 1 + (0.16 * look.blush * red)[..., None] * _float((-0.9, -0.9, 0.35))
    if look.beard != 'none':
        cover = _beard(geometry, look, x, y, rng)[..., None]
        colour += cover * (_float(look.hair) * 0.9 - colour)
    return colour


def _spot(x: np.ndarray, y: np.ndarray, at_x: float, at_y: float, size: float) -> np.ndarray:
    return np.exp(-0.5 * ((x - at_x) / size) ** 2) * np.exp(-0.5 * ((y - at_y) / size) ** 2)


def _freckles(rng: np.random.Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    grain = noise(rng, (x.shape[1], y.shape[0]), 2.2)
    place = _spot(x, y, 0.35, 0.3, 0.25) + _spot(x, y, -0.35, 0.3, 0.25)
    return smoothstep(0.9, 1.6, grain).astype(np.float32) * np.clip(place, 0, 1)


def _lines(geometry: Geometry, look: Appearance, shape: tuple[int, ...]) -> np.ndarray:
    """Darkening by folds beside the mouth, under the eyes and on the forehead."""
    wing, corner = geometry.plane['nose_base'][-1], geometry.plane['lip_outer_upper'][-1]
    fold = np.array(
        [wing + [0.02, -0.05], wing + [0.09, 0.06], corner + [0.08, -0.07], corner + [0.09, 0.05]]
    )
    lid = geometry.plane['lid_lower_right'][6:19] + [0.0, 0.055]
    strength = [
        (fold, 0.08 + 0.1 * look.age + 0.14 * max(geometry.smile, 0)),
        (lid, 0.05 + 0.1 * look.age),
    ]
    for height in (-0.45, -0.55, -0.66):
        crease = np.array([(-0.4, height + 0.03), (0, height), (0.4, height + 0.03)])
        strength.append((crease, 0.09 * look.age**2 + 0.05 * max(geometry.brow_raise, 0)))
    total = np.zeros(shape[:2], np.float32)
    for points, amount in strength:
        for turned in (points, points * [-1, 1]):
            path = (spline(turned, 6) - GRID_ORIGIN) * GRID_DENSITY
            stroke = np.zeros(shape[:2], np.uint8)
            cv2.polylines(
                stroke, [np.round(path * 16).astype(np.int32)], False, 255, 2, cv2.LINE_AA, 4
            )
            np.maximum(total, stroke * np.float32(amount / 255), out=total)
    return 1.6 * cv2.GaussianBlur(total, (0, 0), 1.6)


def _beard(
    geometry: Geometry, look: Appearance, x: np.ndarray, y: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """(rows, columns) cover of the skin by a beard, 0 .. 1."""
    mouth = geometry.plane['mouth_centre'][0, 1]
    nose = geometry.plane['nose_base'][8, 1]
    cheek = mouth - 0.12 - 0.5 * smoothstep(0.35, 0.8, np.abs(x))  # its upper edge rises outwards
    lower = smoothstep(-0.06, 0.06, y - cheek) * smoothstep(0.28, 0.36, np.hypot(x, y - mouth))
    chin = smoothstep(0.19, 0.25, y - mouth) * (np.abs(x) < 0.5)
    moustache = (
        smoothstep(nose + 0.015, nose + 0.06, y)
        * (1 - smoothstep(0.3, 0.4, np.abs(x)))
        * (1 - smoothstep(mouth + 0.02, mouth + 0.1, y))
    )
    area = moustache if look.beard == 'moustache' else np.maximum.reduce([lower, chin, moustache])
    grain = noise(rng, (x.shape[1], y.shape[0]), 1.2)
    amount = 0.3 if look.beard == 'stubble' else 0.82
    return np.clip(area * amount * (1 + 0.2 * grain), 0, 1).astype(np.float32)


def _float(values: tuple[float, ...]) -> np.ndarray:
    return np.asarray(values, np.float32)
