"""What stands behind the face: background, shoulders, neck, skull and ears."""

from __future__ import annotations

import cv2
import numpy as np

from .appearance import Appearance, noise
from .canvas import Canvas, Mask
from .curves import mirror, spline
from .geometry import Geometry

# The neck leaves the head here and its foot stands here in an upright head (face units).
_NECK_TOP, _NECK_FOOT = np.array([0.0, 0.75, -0.7]), 0.8
_NECK_HALF_WIDTH, _SHOULDER_HALF_WIDTH = 0.5, 1.9
_EAR_PLACE = np.array([0.83, 0.16, -0.9])
# Right half of an ear in its own plane: (away from the head, down) around its middle.
_EAR = np.array(
    [
        (0.0, -0.2),
        (0.07, -0.31),
        (0.15, -0.3),
        (0.185, -0.18),
        (0.16, 0.0),
        (0.11, 0.16),
        (0.07, 0.27),
        (0.02, 0.27),
        (-0.02, 0.18),
    ]
)
_EAR_FOLD = np.array([(0.03, -0.2), (0.09, -0.25), (0.13, -0.18), (0.11, -0.02), (0.07, 0.1)])


def draw_background(canvas: Canvas, look: Appearance) -> None:
    """Two colours that run into each other, soft shapes out of focus and a little texture."""
    rng = np.random.default_rng([look.texture_seed, 4])
    size = canvas.size
    angle = rng.uniform(0, 2 * np.pi)
    line = np.linspace(-0.5, 0.5, size, dtype=np.float32)
    ramp = line[None] * np.cos(angle) + line[:, None] * np.sin(angle) + 0.5
    ramp = np.clip(ramp + 0.25 * noise(rng, (size, size), size / 3), 0, 1)[..., None]
    first, second = (np.asarray(colour, np.float32) for colour in look.background)
    canvas.image[:] = first + ramp * (second - first)
    small = np.zeros((64, 64, 4), np.float32)
    for _ in range(rng.integers(0, 9)):
        colour = tuple(float(v) for v in rng.uniform(20, 235, 3)) + (rng.uniform(0.2, 0.8),)
        x, y, width, height = rng.uniform(-8, 72, 2).tolist() + rng.uniform(4, 30, 2).tolist()
        if rng.random() < 0.5:
            cv2.rectangle(
                small, (int(x), int(y)), (int(x + width), int(y + 2 * height)), colour, -1
            )
        else:
            cv2.circle(small, (int(x), int(y)), int(width / 2) + 1, colour, -1, cv2.LINE_AA)
    small = cv2.GaussianBlur(small, (0, 0), float(rng.uniform(0.5, 2.5)))
    shapes = cv2.resize(small, (size, size), interpolation=cv2.INTER_CUBIC)
    cover = np.clip(shapes[..., 3:], 0, 1)
    canvas.image += cover * (np.clip(shapes[..., :3], 0, 255) - canvas.image)
    canvas.image += 2 * noise(rng, (size, size), 6)[..., None]


def trunk(geometry: Geometry) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where neck and shoulders stand.

    Returns:
        Top of the neck and foot of the neck in px, and the (2, 2) rows "to the right" and "down"
        of the trunk in px per face unit. The trunk follows a third of the head's roll.
    """
    rotation = geometry.camera.rotation
    roll = np.arctan2(rotation[1, 0], rotation[0, 0]) / 3
    axes = geometry.unit * np.array([[np.cos(roll), np.sin(roll)], [-np.sin(roll), np.cos(roll)]])
    top = geometry.project(_NECK_TOP)
    chin = geometry.image['contour'][64]
    drop = max(_NECK_FOOT, float((chin - top) @ axes[1]) / geometry.unit**2 + 0.2)
    return top, top + drop * axes[1], axes


def draw_trunk(canvas: Canvas, geometry: Geometry, look: Appearance) -> None:
    """Paint neck, shoulders and clothes."""
    top, foot, axes = trunk(geometry)
    rng = np.random.default_rng([look.texture_seed, 5])
    half = _NECK_HALF_WIDTH
    left = np.array([(-1.0, -0.5), (-0.93, -0.25), (-0.95, -0.05), (-1.5, 0.2), (-1.5, 0.5)])
    neck = np.concatenate([left, mirror(left)[::-1]]) * [half, 1.0]
    skin = canvas.polygon(
        np.concatenate([[top - half * axes[0]], foot + neck @ axes, [top + half * axes[0]]])
    )
    if skin is not None:
        x, y = skin.grid()
        across = ((x - foot[0]) * axes[0, 0] + (y - foot[1]) * axes[0, 1]) / geometry.unit**2
        down = ((x - foot[0]) * axes[1, 0] + (y - foot[1]) * axes[1, 1]) / geometry.unit**2
        tone = _round(across / (1.5 * half), look) * np.clip(0.98 + 0.55 * down, 0.45, 1)
        canvas.paint(skin, tone[..., None].astype(np.float32) * _lit(look, look.skin))
    wide = _SHOULDER_HALF_WIDTH
    depth = rng.uniform(0.05, 0.35)  # neckline
    cloth = np.array(
        [
            (-wide, 2.5),
            (-wide, 0.75),
            (-1.45, 0.42),
            (-0.85, 0.22),
            (-0.55, 0.0),
            (-0.3, depth * 0.8),
            (0, depth),
            (0.3, depth * 0.8),
            (0.55, 0.0),
            (0.85, 0.22),
            (1.45, 0.42),
            (wide, 0.75),
            (wide, 2.5),
        ]
    )
    dress = canvas.polygon(foot + spline(cloth, 4) @ axes, margin=2)
    head = canvas.polygon(geometry.image['contour'] + 0.1 * axes[1], margin=20)
    if head is not None:  # shadow of the head
        canvas.shade(head.blurred(0.07 * geometry.unit).times(0.6), (0.5, 0.48, 0.55))
    if dress is None:
        return
    x, y = dress.grid()
    across = ((x - foot[0]) * axes[0, 0] + (y - foot[1]) * axes[0, 1]) / geometry.unit**2
    tone = 1 + 0.12 * noise(rng, dress.values.shape[::-1], 0.35 * geometry.unit)
    tone = tone * _round(across / 2.4, look)
    if rng.random() < 0.3:
        tone = tone * (1 + 0.25 * np.sign(np.sin(across * rng.uniform(12, 30))))
    canvas.paint(dress, tone[..., None].astype(np.float32) * _lit(look, look.clothes))
    edge = canvas.line(foot + spline(cloth[4:9], 6) @ axes, 0.05 * geometry.unit, margin=4)
    if edge is not None:
        canvas.shade(edge.blurred(1.0).times(0.5), 0.6)


def draw_skull(canvas: Canvas, geometry: Geometry, look: Appearance) -> None:
    """Paint the side and the back of the head, and the ears that can be seen."""
    outline, to_disc = geometry.skull()
    mask = canvas.polygon(outline)
    if mask is not None:
        canvas.paint(
            mask, skull_light(mask, geometry, to_disc, look) * np.asarray(look.skin, np.float32)
        )
    for side in (-1.0, 1.0):
        if geometry.camera.rotation[2, 0] * side > -0.35:
            _draw_ear(canvas, geometry, look, side)


def skull_light(
    mask: Mask, geometry: Geometry, to_disc: np.ndarray, look: Appearance
) -> np.ndarray:
    """(h, w, 3) light factor on the skull, taken as a ball under its outline."""
    x, y = mask.grid()
    centre = geometry.skull_centre()
    u = np.clip((x - centre[0]) * to_disc[0, 0] + (y - centre[1]) * to_disc[0, 1], -1, 1)
    v = np.clip((x - centre[0]) * to_disc[1, 0] + (y - centre[1]) * to_disc[1, 1], -1, 1)
    w = np.sqrt(np.clip(1 - u * u - v * v, 0.02, 1))
    lamp = look.light.direction
    facing = np.clip((u * lamp[0] + v * lamp[1] + w * lamp[2] + 0.25) / 1.25, 0, None)
    sky = 0.85 - 0.15 * v
    return (
        facing[..., None] * np.asarray(look.light.key, np.float32)
        + sky[..., None] * np.asarray(look.light.ambient, np.float32)
    ).astype(np.float32)


def _draw_ear(canvas: Canvas, geometry: Geometry, look: Appearance, side: float) -> None:
    def place(points: np.ndarray) -> np.ndarray:
        # The ear stands off backwards at 50 degrees.
        out = points[:, 0] * np.array([[0.64 * side], [0.0], [-0.77]])
        down = points[:, 1] * np.array([[0.0], [1.0], [0.12]])
        return geometry.project(_EAR_PLACE * [side * geometry.width, 1, 1] + (out + down).T)

    ear = canvas.polygon(place(spline(_EAR, 5)), margin=4)
    if ear is None:
        return
    tone = 0.9 + 0.25 * side * look.light.direction[0]
    canvas.paint(ear, _lit(look, look.skin) * np.float32(tone) * np.array([0.9, 0.9, 1.0]))
    fold = canvas.line(place(spline(_EAR_FOLD, 5)), 0.035 * geometry.unit, margin=4)
    if fold is not None:
        canvas.shade(fold.blurred(0.012 * geometry.unit).times(ear).times(0.7), (0.5, 0.5, 0.6))


def _round(across: np.ndarray, look: Appearance) -> np.ndarray:
    """Brightness of an upright cylinder at -1 .. 1 of its half width."""
    across = np.clip(across, -1, 1)
    facing = across * look.light.direction[0] + np.sqrt(1 - across**2) * look.light.direction[2]
    return np.clip(0.55 + 0.5 * facing, 0.3, 1.1)


def _lit(look: Appearance, colour: tuple[float, ...]) -> np.ndarray:
    light = np.asarray(look.light.key) * 0.75 + np.asarray(look.light.ambient) * 0.85
    return np.asarray(colour, np.float32) * light.astype(np.float32)
