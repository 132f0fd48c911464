"""Anti-aliased painting on a float image. Integer coordinates are pixel centres."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

# Masks are drawn this much finer and averaged over areas: 64 levels of coverage for small parts,
# 16 for those of more than this many pixels.
_FINE, _COARSE, _SMALL_AREA = 8, 4, 4000
# Sub-pixel bits of OpenCV's drawing functions.
_SHIFT = 6


class Mask:
    """Coverage of a part of the image.

    Attributes:
        values: (h, w) float32, 0 .. 1.
        corner: (x, y) of the first pixel in the image.
    """

    def __init__(self, values: np.ndarray, corner: tuple[int, int]) -> None:
        self.values = values.astype(np.float32)
        self.corner = corner

    @property
    def window(self) -> tuple[slice, slice]:
        """Rows and columns of the image that the mask covers."""
        (x, y), (rows, columns) = self.corner, self.values.shape
        return slice(y, y + rows), slice(x, x + columns)

    def grid(self) -> tuple[np.ndarray, np.ndarray]:
        """Image coordinates (x, y) of the mask's pixels, as (1, w) and (h, 1) arrays."""
        (x, y), (rows, columns) = self.corner, self.values.shape
        return np.arange(x, x + columns)[None], np.arange(y, y + rows)[:, None]

    def times(self, factor: float | np.ndarray | Mask) -> Mask:
        """This mask multiplied by a number, an array of its shape or another mask."""
        if isinstance(factor, Mask):
            factor = factor.full(self.corner, self.values.shape)
        return Mask(self.values * factor, self.corner)

    def full(self, corner: tuple[int, int], shape: tuple[int, ...]) -> np.ndarray:
        """The mask's values in another window of the image; 0 where it has none."""
        result = np.zeros(shape[:2], np.float32)
        dx, dy = self.corner[0] - corner[0], self.corner[1] - corner[1]
        rows, columns = self.values.shape
        top, left = max(dy, 0), max(dx, 0)
        bottom, right = min(dy + rows, shape[0]), min(dx + columns, shape[1])
        if bottom > top and right > left:
            result[top:bottom, left:right] = self.values[
                top - dy : bottom - dy, left - dx : right - dx
            ]
        return result

    def blurred(self, sigma: float) -> Mask:
        """The mask with soft edges; ``sigma`` in px."""
        return Mask(cv2.GaussianBlur(self.values, (0, 0), max(sigma, 0.1)), self.corner)


class Canvas:
    """A square image that is painted from back to front.

    Args:
        size: Side in px.

    Attributes:
        image: (size, size, 3) float32 BGR, 0 .. 255.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.image = np.zeros((size, size, 3), np.float32)

    def paint(self, mask: Mask, colour: np.ndarray | tuple[float, ...]) -> None:
        """Blend a colour, or an array of the mask's shape with three channels, over the image."""
        window = mask.window
        below = self.image[window]
        below += mask.values[..., None] * (np.asarray(colour, np.float32) - below)

    def shade(self, mask: Mask, factor: np.ndarray | tuple[float, ...] | float) -> None:
        """Multiply the image by ``factor`` where the mask is 1; a number or one per channel."""
        window = mask.window
        self.image[window] *= 1 + mask.values[..., None] * (np.asarray(factor, np.float32) - 1)

    def polygon(self, points: np.ndarray, margin: int = 2) -> Mask | None:
        """Coverage of a filled polygon.

        Args:
            points: (N, 2) corners (x, y) in px.
            margin: Empty pixels kept around it, for blurring.

        Returns:
            The mask, or None when nothing of it is in the image.
        """
        return self._draw([points], margin, 0.0)

    def line(self, points: np.ndarray, width: float, margin: int = 2) -> Mask | None:
        """Coverage of an open polyline of the given width in px."""
        return self.lines([points], width, margin)

    def lines(self, many: Sequence[np.ndarray], width: float, margin: int = 2) -> Mask | None:
        """Coverage of several open polylines of the same width in px."""
        return self._draw(many, margin + int(np.ceil(width / 2)), width)

    def _draw(self, many: Sequence[np.ndarray], margin: int, width: float) -> Mask | None:
        points = np.concatenate(many)
        low = np.floor(points.min(axis=0)).astype(int) - margin
        high = np.ceil(points.max(axis=0)).astype(int) + margin + 1
        low, high = np.maximum(low, 0), np.minimum(high, self.size)
        if np.any(high <= low):
            return None
        columns, rows = high - low
        factor = _FINE if columns * rows <= _SMALL_AREA else _COARSE
        fine = np.zeros((rows * factor, columns * factor), np.uint8)
        # A pixel centre x of the image lies at (x + 1/2) * factor - 1/2 of the fine mask.
        places = [
            np.round(((part - low + 0.5) * factor - 0.5) * (1 << _SHIFT)).astype(np.int32)
            for part in many
        ]
        if width > 0:
            thickness = max(1, round(width * factor))
            cv2.polylines(fine, places, False, 255, thickness, cv2.LINE_8, _SHIFT)
        else:
            cv2.fillPoly(fine, places, 255, cv2.LINE_8, _SHIFT)
        small = cv2.resize(fine, (int(columns), int(rows)), interpolation=cv2.INTER_AREA)
        return Mask(small / np.float32(255), (int(low[0]), int(low[1])))

    def everywhere(self) -> Mask:
        """A mask of ones over the whole image."""
        return Mask(np.ones((self.size, self.size), np.float32), (0, 0))


def loop(upper: np.ndarray, lower: np.ndarray) -> np.ndarray:
    """Close two curves with common ends, given in the same direction, to a polygon."""
    return np.concatenate([upper, lower[::-1]])


def stroke(canvas: Canvas, points: np.ndarray, width: float, amount: float, factor: object) -> None:
    """Darken the image along a line; ``factor`` is a number or a colour factor (BGR)."""
    mask = canvas.line(points, width, margin=4)
    if mask is not None:
        canvas.shade(mask.blurred(0.35 * width).times(amount), factor)  # type: ignore[arg-type]
