"""The face as a height field over its own plane: depth of the landmarks, shading and outline."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .curves import spline
from .parameters import Shape
from .pose import Camera
from .shape import Curves

# Polar coordinates of the head start here (middle of the face); see ``Relief.height``.
CENTRE = np.array([0.0, 0.4])
# The tabulated height field: cells per unit and its corner (x, y) and extent.
GRID_DENSITY = 80.0
GRID_ORIGIN = np.array([-1.05, -1.25])
GRID_EXTENT = np.array([2.1, 3.1])
# Depth of the outline: at the chin, how much further back the ears are; the same for the crown.
_CHIN_DEPTH, _EAR_DEPTH, _CROWN_DEPTH = -0.08, -0.93, -0.5
# Share of the flat (quadratic) and the steep (fourth power) part of the fall towards the outline.
_FLAT, _STEEP = 0.2, 0.8
# Nose: height of the ridge and half width of its cross section at fractions of its length.
_RIDGE = np.array(
    [
        (-0.6, 0.0),
        (-0.25, 0.012),
        (0.0, 0.03),
        (0.35, 0.105),
        (0.7, 0.2),
        (0.9, 0.262),
        (1.0, 0.275),
        (1.12, 0.235),
        (1.24, 0.1),
        (1.34, 0.02),
        (1.5, 0.0),
        (1.9, 0.0),
    ]
)
_RIDGE_WIDTH = np.array([(-0.6, 0.09), (0.0, 0.06), (0.6, 0.07), (1.0, 0.085), (1.3, 0.1)])
# Places along a ray at which the silhouette is searched before the parabola refines it.
_SLIDES = 21


class Bump(NamedTuple):
    """A Gaussian elevation: centre, two standard deviations and height, in face units."""

    x: float
    y: float
    sx: float
    sy: float
    height: float


class Relief:
    """Height (towards the viewer) of the face surface above its plane.

    Args:
        curves: Curves of the face, see :func:`build_curves`.
        shape: Build of the face.
    """

    def __init__(self, curves: Curves, shape: Shape) -> None:
        self._bumps = np.array(_bumps(curves, shape))
        self._nose_length = float(curves['nose_bridge'][-1, 1])
        self._nose_size = (shape.nose_height, shape.nose_width)
        outline = np.concatenate([curves['contour'], curves['forehead'][1:-1]])
        offset = outline - CENTRE
        angle = np.arctan2(offset[:, 1], offset[:, 0])
        order = np.argsort(angle)
        sideways = np.abs(outline[:, 0]) / np.abs(outline[:, 0]).max()
        depth = np.where(
            np.arange(len(outline)) < len(curves['contour']),
            _CHIN_DEPTH + (_EAR_DEPTH - _CHIN_DEPTH) * sideways**2.2,
            _CROWN_DEPTH + (_EAR_DEPTH - _CROWN_DEPTH) * sideways**2,
        )
        self._polar = (angle[order], np.hypot(*offset.T)[order], depth[order])

    def height(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Height at points (x, y) of the face plane; the two arrays broadcast.

        The head falls from its middle to the depth of the outline along every ray from
        ``CENTRE``; nose, sockets, cheeks, lips and chin are added on top.
        """
        across, down = self._gauss(x, y)
        bumps = (across * down) @ self._bumps[:, 4]
        return self._head(x, y) + bumps + self._nose(x, y)

    def _head(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        angles, radii, depths = self._polar
        angle = np.arctan2(y - CENTRE[1], x - CENTRE[0])
        radius = np.hypot(x - CENTRE[0], y - CENTRE[1])
        radius = radius / np.interp(angle, angles, radii, period=2 * np.pi)
        square = radius * radius
        total = np.interp(angle, angles, depths, period=2 * np.pi)
        return total * square * (_FLAT + _STEEP * square)

    def _gauss(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The two factors of every bump, (..., B) each."""
        centre, deviation = self._bumps[:, 0:2], self._bumps[:, 2:4]
        return (
            np.exp(-0.5 * ((x[..., None] - centre[:, 0]) / deviation[:, 0]) ** 2),
            np.exp(-0.5 * ((y[..., None] - centre[:, 1]) / deviation[:, 1]) ** 2),
        )

    def _nose(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        along = y / self._nose_length
        profile = spline(_RIDGE, 6)
        ridge = np.interp(along, profile[:, 0], profile[:, 1]) * self._nose_size[0]
        width = np.interp(along, *_RIDGE_WIDTH.T) * (0.5 + 0.5 * self._nose_size[1])
        return ridge * np.exp(-0.5 * (x / width) ** 2)

    def lift(self, points: np.ndarray) -> np.ndarray:
        """(..., 2) points of the face plane to (..., 3) points on the surface."""
        return np.concatenate([points, self.height(points[..., 0], points[..., 1])[..., None]], -1)

    def table(self) -> np.ndarray:
        """(rows, columns) float32 heights on the grid of ``GRID_*``."""
        columns, rows = np.round(GRID_EXTENT * GRID_DENSITY).astype(int) + 1
        x = GRID_ORIGIN[0] + np.arange(columns, dtype=np.float32) / np.float32(GRID_DENSITY)
        y = GRID_ORIGIN[1] + np.arange(rows, dtype=np.float32) / np.float32(GRID_DENSITY)
        across, down = self._gauss(x, y)  # on a grid the sum of products is a matrix product
        bumps = (down * self._bumps[:, 4]) @ across.T
        x, y = x[None], y[:, None]
        return (self._head(x, y) + bumps + self._nose(x, y)).astype(np.float32)

    def silhouette(self, camera: Camera, points: np.ndarray, start: float) -> np.ndarray:
        """Where the visible outline of the head passes for points of its rim.

        Every point slides along its ray towards ``CENTRE`` until it projects farthest outwards:
        on the averted side of a turned head the cheek hides the rim, and annotators follow the
        cheek.

        Args:
            camera: Pose and place of the head.
            points: (N, 2) points of the face plane.
            start: Points slide inwards to this fraction of their ray at most.

        Returns:
            (N, 3) points on the surface; those whose own place is visible stay there.
        """
        ray = points - CENTRE
        fractions = np.linspace(start, 1.0, _SLIDES)
        outwards = ray @ camera.rotation[:2, :2].T
        outwards /= np.linalg.norm(outwards, axis=1, keepdims=True)
        surface = self.lift(CENTRE + fractions[:, None, None] * ray)
        reach = ((surface @ camera.rotation[:2].T) * outwards).sum(axis=-1)
        best = np.clip(reach.argmax(axis=0), 1, len(fractions) - 2)
        column = np.arange(len(points))
        before, here, after = (reach[best + step, column] for step in (-1, 0, 1))
        curvature = np.minimum(before - 2 * here + after, -1e-9)
        step = np.clip(0.5 * (before - after) / curvature, -1.0, 1.0)
        fraction = fractions[best] + step * (fractions[1] - fractions[0])
        return self.lift(CENTRE + fraction[:, None] * ray)


def _bumps(curves: Curves, shape: Shape) -> list[Bump]:
    """Elevations that follow the curves of this face; mirrored ones for both sides."""
    eye = np.abs(curves['lid_lower_right'][:, 0]).mean()
    wing_x, wing_y = curves['nose_base'][-1]
    mouth_y = curves['mouth_centre'][0, 1]
    upper_y = (curves['lip_outer_upper'][12, 1] + curves['lip_inner_upper'][8, 1]) / 2
    lower_y = (curves['lip_outer_lower'][12, 1] + curves['lip_inner_lower'][8, 1]) / 2
    chin_y = curves['contour'][:, 1].max()
    corner_x = np.abs(curves['lip_outer_upper'][[0, -1], 0]).mean()
    pairs = [
        Bump(0.38, -0.23 - shape.brow_height, 0.2, 0.09, 0.05),  # brow ridge
        Bump(eye - 0.02, 0.0, 0.17, 0.12, -0.1),  # socket
        Bump(eye, 0.0, 0.1, 0.07, 0.055),  # eyeball
        Bump(0.5, 0.36, 0.16, 0.14, 0.05 * shape.cheeks),
        Bump(wing_x * 0.82, wing_y - 0.035, 0.045, 0.045, 0.1 * shape.nose_height),
        Bump(corner_x + 0.05, mouth_y + 0.01, 0.05, 0.06, -0.03),
        Bump(0.6, -0.35, 0.15, 0.2, 0.05),
    ]  # temples
    middle = [
        Bump(0.0, mouth_y - 0.02, 0.26, 0.2, 0.07),
        Bump(0.0, upper_y, 0.15, 0.035, 0.035),
        Bump(0.0, lower_y, 0.14, 0.04, 0.05),
        Bump(0.0, mouth_y, 0.2, 0.018, -0.025),
        Bump(0.0, lower_y + 0.13, 0.16, 0.045, -0.04),  # fold above the chin
        Bump(0.0, chin_y - 0.13, 0.17, 0.11, 0.08),
        Bump(0.0, upper_y - 0.08, 0.022, 0.05, -0.02),  # groove under the nose
        Bump(0.0, -0.65, 0.4, 0.25, 0.08),
    ]  # forehead
    return middle + pairs + [bump._replace(x=-bump.x) for bump in pairs]
