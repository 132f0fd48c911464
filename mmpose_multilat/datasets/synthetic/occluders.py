"""Things in front of the face. Each returns what of the face it hides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Optional

import cv2
import numpy as np

from .appearance import Appearance, noise
from .canvas import Canvas, Mask
from .curves import spline
from .geometry import Geometry
from .glasses import draw_glasses

Hidden = list[Optional[Mask]]


def draw_occluder(canvas: Canvas, geometry: Geometry, look: Appearance) -> Hidden:
    """Paint the occluder of this face, if any.

    Returns:
        Masks of the parts of the image where the face cannot be seen any more.
    """
    if look.occluder == 'none':
        return []
    rng = np.random.default_rng([look.texture_seed, 8])
    return _PAINTERS[look.occluder](canvas, geometry, look, rng)


def _mask(canvas: Canvas, geometry: Geometry, look: Appearance, rng: np.random.Generator) -> Hidden:
    contour = geometry.image['contour']
    top = geometry.on_face(
        spline(
            np.array(
                [
                    (-0.74, 0.33),
                    (-0.4, 0.27),
                    (-0.12, 0.2),
                    (0.0, 0.16),
                    (0.12, 0.2),
                    (0.4, 0.27),
                    (0.74, 0.33),
                ]
            ),
            6,
        ),
        0.03,
    )
    grown = contour[24:105] + 0.035 * (contour[24:105] - contour[64])
    cloth = canvas.polygon(np.concatenate([top, grown[::-1]]), margin=8)
    if cloth is None:
        return []
    canvas.shade(cloth.blurred(0.03 * geometry.unit).times(0.5), 0.6)
    white = 0.25 * np.asarray(look.accessory, np.float32) + 0.75 * np.float32([235, 225, 205])
    x, y = cloth.grid()
    middle = geometry.on_face(np.array([[0.0, 0.6]]))[0]
    side = geometry.camera.rotation[:2, 0] * geometry.unit
    across = ((x - middle[0]) * side[0] + (y - middle[1]) * side[1]) / geometry.unit**2
    tone = 0.78 + 0.22 * look.light.direction[2] - 0.22 * across * look.light.direction[0] * -2
    down = (y - middle[1]) / geometry.unit
    folds = 1 + 0.035 * np.sin(40 * down)
    canvas.paint(cloth, np.clip(tone * folds, 0.3, 1.1)[..., None].astype(np.float32) * white)
    for row, ear in ((24, -1), (104, 1)):
        if geometry.camera.rotation[2, 0] * ear > -0.3:
            strap = canvas.line(
                np.stack([contour[row], geometry.project(np.array([ear * 0.85, 0.0, -0.95]))]),
                0.02 * geometry.unit,
            )
            if strap is not None:
                canvas.paint(strap, white)
    return [cloth]


def _hand(canvas: Canvas, geometry: Geometry, look: Appearance, rng: np.random.Generator) -> Hidden:
    side = rng.choice([-1.0, 1.0])
    tip = np.array([side * rng.uniform(0.15, 0.55), rng.uniform(0.3, 0.75)])
    wrist = np.array([side * rng.uniform(0.7, 1.1), 1.75])
    axis = (tip - wrist) / np.linalg.norm(tip - wrist)
    normal = np.array([-axis[1], axis[0]])
    colour = np.asarray(look.skin, np.float32) * (
        np.asarray(look.light.key, np.float32) * 0.7 + np.asarray(look.light.ambient, np.float32)
    )
    knuckles = tip - 0.42 * axis
    elbow = wrist - 2.0 * axis
    arm = _band(wrist + 0.15 * axis, elbow, normal, 0.17, 0.3)
    sleeve = _band(wrist - 0.35 * axis, elbow, normal, 0.26, 0.4)
    hidden: Hidden = [
        _limb(canvas, geometry, arm, colour, None),
        _limb(canvas, geometry, sleeve, np.asarray(look.clothes, np.float32), None),
    ]
    palm = np.concatenate(
        [
            knuckles + np.outer([-0.26, 0.26], normal),
            wrist + np.outer([0.24, 0.15], normal) + [[0, 0], [0, 0.1]],
            wrist + np.outer([-0.15, -0.24], normal) + [[0, 0.1], [0, 0]],
        ]
    )
    hidden.append(_limb(canvas, geometry, palm, colour, None))
    for index, length in enumerate((-0.08, 0.0, -0.03, -0.14)):  # the four fingers
        offset = (index - 1.5) * 0.135
        start = knuckles + offset * normal * 0.95 - 0.1 * axis
        end = tip + offset * normal * rng.uniform(0.9, 1.25) + length * axis
        hidden.append(_limb(canvas, geometry, np.stack([start, end]), colour, 0.125))
    thumb = np.stack(
        [knuckles - 0.3 * axis - side * 0.2 * normal, knuckles + 0.05 * axis - side * 0.42 * normal]
    )
    hidden.append(_limb(canvas, geometry, thumb, colour, 0.13))
    return hidden


def _band(
    start: np.ndarray, end: np.ndarray, normal: np.ndarray, first: float, last: float
) -> np.ndarray:
    """(4, 2) corners of a tapered band with half widths ``first`` and ``last``."""
    return np.stack(
        [start + first * normal, start - first * normal, end - last * normal, end + last * normal]
    )


def _limb(
    canvas: Canvas, geometry: Geometry, points: np.ndarray, colour: np.ndarray, width: float | None
) -> Mask | None:
    """One finger (two points and a width) or the palm (a polygon), with a dark rim."""
    flat = geometry.project(np.concatenate([points, np.full((len(points), 1), 0.3)], axis=1))
    unit = geometry.unit
    mask = canvas.polygon(flat, 8) if width is None else canvas.line(flat, width * unit, 8)
    if mask is None:
        return None
    canvas.shade(mask.blurred(0.02 * unit).times(0.55), (0.5, 0.5, 0.6))
    soft = cv2.GaussianBlur(mask.values, (0, 0), 0.035 * unit)
    canvas.paint(mask, (0.5 + 0.5 * soft)[..., None] * colour)
    if width is not None:  # nail
        axis = (flat[1] - flat[0]) / np.linalg.norm(flat[1] - flat[0])
        nail = canvas.line(
            np.stack([flat[1] - 0.01 * unit * axis, flat[1] + 0.015 * unit * axis]), 0.06 * unit
        )
        if nail is not None:
            canvas.paint(nail.times(0.5), np.minimum(colour * [1.05, 1.05, 1.15], 255))
    return mask


def _microphone(
    canvas: Canvas, geometry: Geometry, look: Appearance, rng: np.random.Generator
) -> Hidden:
    head = np.array([rng.uniform(-0.25, 0.25), rng.uniform(0.8, 1.05)])
    foot = head + [rng.uniform(-0.5, 0.5), 1.2]
    ends = geometry.project(np.array([[*head, 0.45], [*foot, 0.45]]))
    stick = canvas.line(ends, 0.15 * geometry.unit)
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    radius = rng.uniform(0.13, 0.19) * geometry.unit
    ball = canvas.polygon(ends[0] + radius * np.stack([np.cos(angle), np.sin(angle)], 1), margin=6)
    if stick is not None:
        canvas.paint(stick, (35, 33, 32))
    if ball is not None:
        x, y = ball.grid()
        lamp = look.light.direction
        u, v = (x - ends[0][0]) / radius, (y - ends[0][1]) / radius
        facing = np.clip(u * lamp[0] + v * lamp[1] + 0.6, 0.1, 1.4)
        mesh = 0.75 + 0.25 * np.sign(np.sin(18 * u) * np.sin(18 * v))
        canvas.paint(ball, (facing * mesh)[..., None].astype(np.float32) * np.float32([95, 92, 90]))
    return [stick, ball]


def _strand(
    canvas: Canvas, geometry: Geometry, look: Appearance, rng: np.random.Generator
) -> Hidden:
    side = rng.choice([-1.0, 1.0])
    hidden: Hidden = []
    colour = np.asarray(look.hair, np.float32)
    for _ in range(rng.integers(3, 9)):
        start = np.array([side * rng.uniform(-0.1, 0.3), -0.8])
        bend = np.array([side * rng.uniform(0.2, 0.5), rng.uniform(-0.3, 0.1)])
        end = np.array([side * rng.uniform(0.35, 0.75), rng.uniform(0.3, 0.9)])
        path = spline(np.stack([start, bend, end]), 12)
        lock = canvas.line(geometry.on_face(path, 0.05), rng.uniform(0.02, 0.06) * geometry.unit)
        if lock is not None:
            tone = 0.8 + 0.15 * noise(rng, lock.values.shape[::-1], 2)[..., None]
            canvas.paint(lock.times(0.9), tone * colour)
            hidden.append(lock)
    return hidden


def _card(canvas: Canvas, geometry: Geometry, look: Appearance, rng: np.random.Generator) -> Hidden:
    side = rng.choice([-1.0, 1.0])
    turn = rng.uniform(-0.5, 0.5)
    across = np.array([np.cos(turn), np.sin(turn)])
    corner = np.array([side * rng.uniform(0.05, 0.45), rng.uniform(0.15, 0.9)])
    wide, high = (
        side * rng.uniform(0.7, 1.2) * across,
        rng.uniform(0.9, 1.4) * np.array([-across[1], across[0]]),
    )
    corners = np.stack([corner, corner + wide, corner + wide + high, corner + high])
    flat = geometry.project(np.concatenate([corners, np.full((4, 1), 0.4)], axis=1))
    card = canvas.polygon(flat, margin=6)
    if card is None:
        return []
    canvas.shade(card.blurred(0.04 * geometry.unit).times(0.4), 0.5)
    canvas.paint(card, np.asarray(look.accessory, np.float32))
    inset = canvas.polygon(flat.mean(axis=0) + 0.8 * (flat - flat.mean(axis=0)))
    if inset is not None:
        canvas.paint(inset.times(0.5), np.asarray(look.clothes, np.float32))
    return [card]


_PAINTERS: dict[str, Callable[[Canvas, Geometry, Appearance, np.random.Generator], Hidden]] = dict(
    glasses=draw_glasses,
    sunglasses=draw_glasses,
    mask=_mask,
    hand=_hand,
    microphone=_microphone,
    strand=_strand,
    card=_card,
)
