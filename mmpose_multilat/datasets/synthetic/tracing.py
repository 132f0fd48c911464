"""Looking at a height table: visible points, normals and cast shadows."""

from __future__ import annotations

import cv2
import numpy as np

from .curves import smoothstep
from .pose import Camera
from .relief import GRID_DENSITY, GRID_ORIGIN

# Depth steps of the ray search, and the range of depths (towards the viewer) that is searched.
_STEPS, _NEAREST, _FARTHEST = 30, 0.5, -1.15
_INVERSE = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
_OUTSIDE = -9.0  # height beyond the table: deeper than every level that is searched


def trace(
    heights: np.ndarray, camera: Camera, corner: tuple[int, int], extent: tuple[int, int]
) -> dict[str, np.ndarray]:
    """First point of the surface that every pixel sees.

    Parallel rays cross the table in straight lines, so that one depth level is one affine warp of
    the table; the levels are searched from the viewer backwards and refined by the secant.

    Args:
        heights: Table from :meth:`Relief.table`.
        camera: Pose and place of the head.
        corner: (x, y) first pixel of the part of the image that is traced.
        extent: (width, height) of that part.

    Returns:
        float32 maps (height, width): ``column`` and ``row`` of the table, ``depth`` (towards the
        viewer, of the table's own axis) and the mask ``hit``.
    """
    inverse = np.linalg.inv(camera.rotation[:2, :2])
    linear = GRID_DENSITY * inverse / camera.scale
    start = linear @ (np.asarray(corner) - camera.translation) - GRID_DENSITY * GRID_ORIGIN
    slope = -GRID_DENSITY * inverse @ camera.rotation[:2, 2]
    levels = np.linspace(min(_NEAREST, float(heights.max()) + 0.02), _FARTHEST, _STEPS)
    depth = np.full(extent[::-1], _FARTHEST, np.float32)
    hit = np.zeros(extent[::-1], bool)
    previous = None
    for level in levels:
        matrix = np.concatenate([linear, (start + slope * level)[:, None]], axis=1)
        over = cv2.warpAffine(
            heights,
            matrix,
            extent,
            flags=_INVERSE,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=_OUTSIDE,
        ) - np.float32(level)
        if previous is not None:
            new = (over >= 0) & ~hit
            gap = levels[0] - levels[1]
            part = over[new] / np.maximum(over[new] - previous[new], 1e-6)
            depth[new] = level + gap * np.clip(part, 0.0, 1.0)
            hit |= new
        previous = over
    x, y = np.meshgrid(
        np.arange(extent[0], dtype=np.float32), np.arange(extent[1], dtype=np.float32)
    )
    column = linear[0, 0] * x + linear[0, 1] * y + start[0] + slope[0] * depth
    row = linear[1, 0] * x + linear[1, 1] * y + start[1] + slope[1] * depth
    return dict(column=column.astype(np.float32), row=row.astype(np.float32), depth=depth, hit=hit)


def normals(heights: np.ndarray) -> np.ndarray:
    """(rows, columns, 3) float32 unit normals of a height table, z towards the viewer."""
    slope_x = cv2.Sobel(heights, cv2.CV_32F, 1, 0, ksize=3, scale=GRID_DENSITY / 8)
    slope_y = cv2.Sobel(heights, cv2.CV_32F, 0, 1, ksize=3, scale=GRID_DENSITY / 8)
    normal = np.dstack([-slope_x, -slope_y, np.ones_like(heights)])
    return normal / np.linalg.norm(normal, axis=2, keepdims=True)


def cast_shadow(heights: np.ndarray, light: np.ndarray) -> np.ndarray:
    """How much of the light reaches each cell of a height table.

    Args:
        heights: Table from :meth:`Relief.table`.
        light: (3,) unit vector towards the light, in the axes of the face.

    Returns:
        float32 (rows, columns): 1 lit, 0 in the shadow of another part of the face; soft edges.
    """
    if light[2] < 0.05:  # light from behind: the normals alone make the image
        return np.ones_like(heights)
    excess = np.zeros_like(heights)
    extent = heights.shape[::-1]
    for reach in np.linspace(0.04, 0.5, 8):
        shift = GRID_DENSITY * reach * light[:2]
        matrix = np.float32([[1, 0, shift[0]], [0, 1, shift[1]]])
        other = cv2.warpAffine(
            heights, matrix, extent, borderMode=cv2.BORDER_REPLICATE, flags=_INVERSE
        )
        excess = np.maximum(excess, other - heights - np.float32(reach * light[2]))
    return cv2.GaussianBlur(1 - smoothstep(0.0, 0.06, excess).astype(np.float32), (0, 0), 2.0)
