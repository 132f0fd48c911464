"""The curves of a face in its own plane.

Unit: the distance of the outer eye corners of the mean face. Origin: between the eyes. x points
to the right of the image, y down. All curves have (N, 2) points; names ending in ``_left`` and
``_right`` mean the side of the image and run from the outside of the face to its middle. The
numbers are a mean frontal face of the usual 68- and 98-point mark-ups, rounded to 0.005.
"""

from __future__ import annotations

import numpy as np

from .curves import mirror, resample, smoothstep, spline
from .parameters import Expression, Shape

Curves = dict[str, np.ndarray]

# Points of the face contour between two neighbouring landmarks of the 98-point mark-up.
CONTOUR_STEP = 4
# Points per segment of lids, brows, nose and lips; lids are read at quarters and at thirds.
LID_STEP, STEP = 6, 4

_CONTOUR = np.array(
    [
        (0.79, -0.03),
        (0.787, 0.2),
        (0.765, 0.41),
        (0.727, 0.61),
        (0.656, 0.81),
        (0.535, 0.985),
        (0.377, 1.13),
        (0.2, 1.24),
        (0.0, 1.28),
    ]
)
_FOREHEAD = np.array(
    [(0.79, -0.03), (0.785, -0.3), (0.74, -0.58), (0.61, -0.84), (0.34, -1.03), (0.0, -1.09)]
)
_BROW_UPPER = np.array(
    [(0.63, -0.15), (0.525, -0.235), (0.4, -0.26), (0.28, -0.25), (0.155, -0.22)]
)
_BROW_LOWER = np.array(
    [(0.63, -0.15), (0.515, -0.185), (0.395, -0.2), (0.27, -0.185), (0.145, -0.15)]
)
_EYE_CENTRE, _EYE_HALF_WIDTH = 0.352, 0.148
_UPPER_LID = np.array([(1.0, 0.0), (0.5, -0.039), (0.0, -0.05), (-0.5, -0.037), (-1.0, 0.012)])
_LOWER_LID = np.array([(1.0, 0.0), (0.5, 0.029), (0.0, 0.036), (-0.5, 0.028), (-1.0, 0.012)])
_NOSE_BASE = np.array([(0.165, 0.47), (0.088, 0.512), (0.0, 0.53)])
_NOSE_SIDE = np.array([(0.187, 0.435), (0.118, 0.3), (0.075, 0.1)])
_NOSE_TOP, _NOSE_TIP = -0.01, 0.405
_MOUTH_Y, _MOUTH_HALF_WIDTH = 0.745, 0.3
# Lips as (fraction of the half width, y) from the corner to the middle.
_OUTER_UPPER = np.array([(1.0, 0.0), (0.64, -0.05), (0.25, -0.085), (0.0, -0.07)])
_OUTER_LOWER = np.array([(1.0, 0.0), (0.7, 0.075), (0.36, 0.128), (0.0, 0.145)])
_INNER_UPPER = np.array([(0.9, 0.0), (0.46, -0.006), (0.0, 0.0)])
_INNER_LOWER = np.array([(0.9, 0.0), (0.46, 0.004), (0.0, 0.006)])
# How far the chin follows an opening mouth, and the share of the gap that moves the lower lip.
_CHIN_FOLLOWS, _LOWER_LIP_SHARE = 0.75, 0.82


def build_curves(shape: Shape, expression: Expression) -> Curves:
    """Build all curves of a face.

    Args:
        shape: Build of the face.
        expression: Its state.

    Returns:
        Curves by name: ``contour`` (129 points, left to right, chin in the middle), ``forehead``
        (right to left over the top), ``brow_upper_*``, ``brow_lower_*``, ``brow_centre_*``,
        ``lid_upper_*``, ``lid_lower_*``, ``pupil_*`` (one point), ``nose_bridge`` (top to tip),
        ``nose_side_*`` (wing to bridge), ``nose_base``, ``lip_outer_upper``, ``lip_outer_lower``,
        ``lip_inner_upper``, ``lip_inner_lower`` (all left to right) and ``mouth_centre`` (one
        point).
    """
    curves = _outline(shape, expression)
    for side, name in enumerate(('left', 'right')):
        turn = mirror if side == 0 else np.asarray
        for key, points in {
            **_brow(shape, expression, side),
            **_eye(shape, expression, side),
        }.items():
            curves[f'{key}_{name}'] = turn(points)
    curves.update(_nose(shape))
    curves.update(_mouth(shape, expression))
    return curves


def _both_sides(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Join two half curves, given for x >= 0 from the outside inwards, at their last point."""
    return np.concatenate([mirror(left), right[-2::-1]])


def _outline(shape: Shape, expression: Expression) -> Curves:
    jaw = _CONTOUR.copy()
    lower = smoothstep(0.3, 1.0, jaw[:, 1])
    angle = np.exp(-(((jaw[:, 1] - 0.92) / 0.16) ** 2))  # around the angle of the jaw
    jaw[:, 0] *= shape.width * (1 + (shape.jaw_width - 1) * lower)
    jaw[:, 0] *= 1 + 0.07 * shape.jaw_squareness * angle
    jaw[:, 1] *= 1 + (shape.chin_length - 1) * smoothstep(0.5, 1.28, jaw[:, 1])
    jaw[:, 1] += expression.mouth_open * _CHIN_FOLLOWS * smoothstep(0.5, 1.2, jaw[:, 1])
    top = _FOREHEAD * [shape.width, 1.0]
    top[1:, 1] *= 1 + (shape.forehead - 1) * smoothstep(0.2, 0.9, -top[1:, 1])
    half = resample(spline(_both_sides(jaw, jaw), 16)[: len(jaw) * 16 - 15], 16 * CONTOUR_STEP + 1)
    return dict(
        contour=_both_sides(mirror(half), mirror(half)),
        forehead=spline(_both_sides(top, top), 8)[::-1],
    )


def _brow(shape: Shape, expression: Expression, side: int) -> Curves:
    arch = np.array([0.0, 0.8, 1.0, 0.5, 0.0]) * shape.brow_arch
    move = np.zeros((5, 2))
    move[:, 1] = -shape.brow_height - arch - 0.09 * expression.brow_raise[side]
    inner = np.array([0.0, 0.0, 0.15, 0.55, 1.0])  # a frown pulls the inner end
    move += expression.frown * inner[:, None] * [-0.03, 0.045]
    upper = _BROW_UPPER * [shape.width, 1.0] + move
    lower = _BROW_LOWER * [shape.width, 1.0] + move
    lower += (upper - lower) * (1 - shape.brow_thickness) * np.array([0, 1, 1, 1, 1])[:, None]
    curves = dict(brow_upper=spline(upper, STEP), brow_lower=spline(lower, STEP))
    curves['brow_centre'] = (curves['brow_upper'] + curves['brow_lower']) / 2
    return curves


def _eye(shape: Shape, expression: Expression, side: int) -> Curves:
    scale = np.array([_EYE_HALF_WIDTH * shape.eye_size, shape.eye_size])
    lids = []
    for lid in (_UPPER_LID, _LOWER_LID):
        points = lid * scale + [_EYE_CENTRE * shape.eye_distance, 0.0]
        points[1:-1, 1] *= shape.eye_openness
        lids.append(points - np.outer(lid[:, 0] + 1, [0.0, shape.eye_tilt / 2]))
    upper, lower = lids
    upper = upper + expression.eye_closure[side] * (lower - upper)
    look_x = expression.gaze[0] * (1 if side == 1 else -1)  # this half is mirrored on the left
    look_y = 0.5 + 0.16 * expression.gaze[1]
    middle = upper[2] + look_y * (lower[2] - upper[2])
    pupil = middle + [0.32 * _EYE_HALF_WIDTH * shape.eye_size * look_x, 0.0]
    return dict(
        lid_upper=spline(upper, LID_STEP), lid_lower=spline(lower, LID_STEP), pupil=pupil[None]
    )


def _nose(shape: Shape) -> Curves:
    bridge = np.zeros((3 * STEP + 1, 2))
    bridge[:, 1] = np.linspace(_NOSE_TOP, _NOSE_TIP * shape.nose_length, 3 * STEP + 1)
    base = _NOSE_BASE * [shape.nose_width, shape.nose_length]
    side = spline(_NOSE_SIDE * [shape.nose_width, shape.nose_length], STEP)
    return dict(
        nose_bridge=bridge,
        nose_base=spline(_both_sides(base, base), STEP),
        nose_side_left=mirror(side),
        nose_side_right=side,
    )


def _mouth(shape: Shape, expression: Expression) -> Curves:
    gap = expression.mouth_open
    width = _MOUTH_HALF_WIDTH * shape.mouth_width
    width *= (1 - 0.45 * gap) * (1 - 0.35 * expression.pucker)
    thick = 1 + 0.35 * expression.pucker
    up, down = -gap * (1 - _LOWER_LIP_SHARE), gap * _LOWER_LIP_SHARE
    table = dict(
        lip_outer_upper=(_OUTER_UPPER, shape.upper_lip * thick, up),
        lip_outer_lower=(_OUTER_LOWER, shape.lower_lip * thick, down),
        lip_inner_upper=(_INNER_UPPER, 1.0, up),
        lip_inner_lower=(_INNER_LOWER, 1.0, down),
    )
    curves = {}
    for name, (points, thickness, drop) in table.items():
        halves = []
        for side in range(2):
            half = points * [width, thickness]
            inward = 1 - np.abs(points[:, :1] / points[0, 0]) ** 2
            half = half + inward * [0.0, drop]
            half = half + _smile_shift(points[:, 0], width, expression.smile[side])
            halves.append(half + [0.0, _MOUTH_Y + shape.mouth_height + gap * 0.12])
        halves[0][-1] = halves[1][-1] = (halves[0][-1] + halves[1][-1]) / 2
        curves[name] = spline(_both_sides(*halves), STEP)
    middle = [curves[f'lip_inner_{lip}'][2 * STEP] for lip in ('upper', 'lower')]
    curves['mouth_centre'] = np.mean(middle, axis=0, keepdims=True)
    return curves


def _smile_shift(fraction: np.ndarray, width: float, smile: float) -> np.ndarray:
    """Corners move outwards and up; the effect falls with the square towards the middle."""
    weight = fraction**2
    return np.stack([weight * width * 0.2 * smile, (-0.075 * weight + 0.012) * smile], axis=1)
